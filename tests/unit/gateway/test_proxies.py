"""Who is believed about where a request comes from."""

import ipaddress

import pytest

from services.gateway.domain.proxies import Proxies, ProxyHeader

OURS = [ipaddress.ip_network(one) for one in ("10.0.0.0/8", "2001:db8:aaaa::/48", "127.0.0.1/32")]
CLIENT = "198.51.100.7"


def client(peer: str | None, *lines: str, header: ProxyHeader = "X-Forwarded-For") -> str:
    return Proxies(OURS, header).client(peer, lines)


@pytest.mark.parametrize(
    ("peer", "lines", "who"),
    [
        pytest.param("203.0.113.5", [CLIENT], "203.0.113.5", id="a stranger is not believed"),
        pytest.param("10.0.0.1", [], "10.0.0.1", id="a proxy that says nothing"),
        pytest.param("10.0.0.1", [CLIENT], CLIENT, id="one proxy"),
        pytest.param("10.0.0.1", [f"1.1.1.1, {CLIENT}"], CLIENT, id="what the client invented"),
        pytest.param("10.0.0.1", ["1.1.1.1", CLIENT], CLIENT, id="in a line of its own"),
        pytest.param("10.0.0.1", [f"10.9.9.9, {CLIENT}"], CLIENT, id="as if it were one of ours"),
        pytest.param("10.0.0.1", [f"1.1.1.1, {CLIENT}, 10.0.0.2"], CLIENT, id="two proxies"),
        pytest.param("10.0.0.1", ["10.0.0.3, 10.0.0.2"], "10.0.0.3", id="all of them ours"),
        pytest.param("10.0.0.1", [f"{CLIENT}, junk"], "10.0.0.1", id="nonsense ends it"),
        pytest.param("10.0.0.1", [f"{CLIENT}, "], "10.0.0.1", id="nothing ends it"),
        pytest.param("10.0.0.1", [f"{CLIENT}, unknown, 10.0.0.2"], "10.0.0.2", id="hidden"),
        pytest.param("10.0.0.1", [f"{CLIENT}:4711"], CLIENT, id="with a port"),
        pytest.param("::ffff:10.0.0.1", [CLIENT], CLIENT, id="a mapped peer"),
        pytest.param("2001:db8:aaaa::1", ["2001:db8:1::2"], "2001:db8:1::2", id="IPv6"),
        pytest.param("10.0.0.1", ["[2001:db8:1::2]:443"], "2001:db8:1::2", id="IPv6 with a port"),
        pytest.param("10.0.0.1", ["010.0.0.1"], "10.0.0.1", id="octal is nonsense"),
        pytest.param(None, [CLIENT], "unknown", id="nobody is connected"),
    ],
)
def test_the_rightmost_hop_that_is_none_of_ours_is_the_client(
    peer: str | None, lines: list[str], who: str
) -> None:
    assert client(peer, *lines) == who


@pytest.mark.parametrize(
    ("line", "who"),
    [
        (f"for={CLIENT}", CLIENT),
        (f'for="{CLIENT}:80";proto=https;by=10.0.0.1', CLIENT),
        (f"proto=http; For={CLIENT}", CLIENT),
        ('for=1.1.1.1, for="[2001:db8:1::2]:80"', "2001:db8:1::2"),
        ("for=_hidden", "10.0.0.1"),
        ("by=1.2.3.4", "10.0.0.1"),
        (CLIENT, "10.0.0.1"),
    ],
)
def test_forwarded_is_read_where_it_is_the_header_of_our_proxies(line: str, who: str) -> None:
    assert client("10.0.0.1", line, header="Forwarded") == who


def test_a_list_without_end_is_not_walked_to_its_end() -> None:
    assert client("10.0.0.1", ", ".join([CLIENT, *["10.0.0.2"] * 5000])) == "10.0.0.2"


def test_without_a_list_nobody_is_believed() -> None:
    assert Proxies([], "X-Forwarded-For").client("127.0.0.1", [CLIENT]) == "127.0.0.1"
