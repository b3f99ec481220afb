"""Who takes an answer in gzip."""

import pytest

from services.gateway.domain.encodings import takes_gzip


@pytest.mark.parametrize(
    "said",
    [
        "gzip",
        "GZIP",
        "x-gzip",
        "gzip, deflate, br, zstd",
        "br;q=1.0, gzip;q=0.8, *;q=0.1",
        "deflate , gzip ; q=0.001",
        "*",
        "identity, *;q=0.5",
    ],
)
def test_who_says_so_takes_it(said: str) -> None:
    assert takes_gzip(said)


@pytest.mark.parametrize(
    "said",
    [
        "",
        "identity",
        "br, deflate",
        "gzip;q=0",
        "gzip;q=0.000, *",
        "*;q=0",
        "gzip;q=2",
        "gzip;q=nonsense",
        "gzipped",
        "no gzip",
        ";;;,,q=1",
    ],
)
def test_who_does_not_gets_it_as_it_is(said: str) -> None:
    assert not takes_gzip(said)
