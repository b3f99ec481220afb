"""A webhook leads to public addresses alone, whatever its name says and however that changes."""

import socket
from collections.abc import Sequence
from pathlib import Path

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult
from typing_extensions import override

from services.tenancy.clients.webhook_post import WebhookPost
from services.tenancy.domain.deliveries import Answer, Reason
from tests.support.certificates import server_and_client
from tests.support.service import NOON
from tests.support.webhooks import Receiver, receiving

OURS = frozenset[str]()


class Names(AbstractResolver):
    """Names of a stranger's own, with other addresses each time that one asks."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = list(answers)

    @override
    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for address in self.answers.pop(0)
        ]

    @override
    async def close(self) -> None:
        """Nothing is open."""


async def send(post: WebhookPost, url: str) -> Answer:
    return await post.send(url, {"webhook-id": "1"}, b"{}", NOON)


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"],
        ["10.0.0.1"],
        ["169.254.169.254"],
        ["100.64.0.1"],
        ["0.0.0.0"],  # noqa: S104 refused
        ["224.0.0.1"],
        ["255.255.255.255"],
        ["::1"],
        ["fe80::1"],
        ["fd00::1"],
        ["::ffff:127.0.0.1"],
        ["::127.0.0.1"],
        ["64:ff9b::7f00:1"],
        ["2002:7f00:1::"],
        ["93.184.215.14", "127.0.0.1"],
    ],
)
async def test_a_name_with_an_address_inside_is_not_connected_to(addresses: list[str]) -> None:
    names = Names(addresses)

    answer = await send(WebhookPost(OURS, lookup=lambda: names), "https://stranger.example/")

    assert answer == Answer(reason=Reason.ADDRESS_REFUSED)


async def test_a_name_is_asked_once_for_each_request_so_that_it_can_not_change_in_between() -> None:
    names = Names(["127.0.0.1"], ["127.0.0.1"])
    post = WebhookPost(OURS, lookup=lambda: names)

    first = await send(post, "https://stranger.example/")
    left = len(names.answers)
    second = await send(post, "https://stranger.example/")

    assert first == second == Answer(reason=Reason.ADDRESS_REFUSED)
    assert (left, names.answers) == (1, [])


async def test_the_machines_own_resolver_is_judged_alike() -> None:
    answer = await send(WebhookPost(OURS), "https://localhost.localdomain/")

    assert answer.reason in {Reason.ADDRESS_REFUSED, Reason.UNREACHABLE}


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1", "[::1]", "0x7f.0.0.1", "0177.0.0.1"])
async def test_no_way_of_writing_an_address_leads_to_this_machine(host: str) -> None:
    answer = await send(WebhookPost(OURS), f"https://{host}/")

    assert answer == Answer(reason=Reason.ADDRESS_REFUSED)


async def test_only_the_exempt_origin_is_exempt() -> None:
    async with receiving() as allowed, receiving() as forbidden:
        post = WebhookPost(frozenset({allowed.origin}))

        good = await send(post, allowed.url)
        bad = await send(post, forbidden.url)

    assert good == Answer(204)
    assert bad == Answer(reason=Reason.ADDRESS_REFUSED)
    assert (len(allowed.got), forbidden.got) == (1, [])


async def test_proxies_of_the_environment_are_not_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with receiving() as receiver, receiving() as proxy:
        for name in ("http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, proxy.origin)

        answer = await send(WebhookPost(frozenset({receiver.origin})), receiver.url)

    assert (answer, len(receiver.got), proxy.got) == (Answer(204), 1, [])


async def test_a_receiver_that_takes_too_long_is_given_up(receiver: Receiver) -> None:
    receiver.seconds = 5

    answer = await send(WebhookPost(frozenset({receiver.origin}), seconds=0.3), receiver.url)

    assert answer == Answer(reason=Reason.TIMED_OUT)


async def test_a_certificate_that_nobody_vouches_for_gets_nothing(tmp_path: Path) -> None:
    server, _ = server_and_client(tmp_path)
    async with receiving(tls=server) as receiver:
        answer = await send(WebhookPost(frozenset({receiver.origin})), receiver.url)

    assert (answer, receiver.got) == (Answer(reason=Reason.UNREACHABLE), [])


async def test_nobody_listening_is_unreachable() -> None:
    async with receiving() as receiver:
        origin = receiver.origin

    answer = await send(WebhookPost(frozenset({origin})), f"{origin}/")

    assert answer == Answer(reason=Reason.UNREACHABLE)
