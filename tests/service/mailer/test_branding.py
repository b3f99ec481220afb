"""A reseller's mails carry its name, colour and logo, and nothing else of its making."""

import base64
import struct
import zlib
from typing import Any

import pytest

from shared.access import GRANTS, Permission, Relation, Role
from shared.contracts.auth import PasswordChanged
from shared.contracts.mailer import BrandingChanged
from shared.contracts.tenancy import TenantCreated
from tests.support.mailer import a_change, logged
from tests.support.service import NOON, Answer, Client, a_pass
from tests.support.smtp import PostOffice

PATH = "/v1/resellers/100001.rsp/branding"
CHIEF = a_pass("100001.rsp", *GRANTS[Role.RESELLER_ADMIN][Relation.OWN])
SIGNATURE = b"\x89PNG\r\n\x1a\n"


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def a_png(width: int = 120, height: int = 40, *more: bytes) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    pixels = zlib.compress((b"\x00" + b"\x80" * width) * height)
    body = [chunk(b"IHDR", header), *more, chunk(b"IDAT", pixels), chunk(b"IEND", b"")]
    return SIGNATURE + b"".join(body)


def in_base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def a_branding(**more: Any) -> dict[str, Any]:
    facts = {
        "name": "Nordlicht IT",
        "colour": "#0b6e4f",
        "sender_name": "Nordlicht <IT>",
        "logo": in_base64(a_png()),
    }
    return facts | more


async def put(
    mailer: Client, body: dict[str, Any], *, version: int = 0, as_: Any = CHIEF
) -> Answer:
    return await mailer.send("PUT", PATH, as_=as_, json=body, headers={"If-Match": f'"{version}"'})


async def a_customer(mailer: Client, tenant: str = "123456.sms") -> None:
    created = TenantCreated(tenant_id=tenant, name="Acme", reseller_id="100001.rsp", locale="en")
    await mailer.deliver(created)


async def test_mails_to_a_customer_look_like_its_resellers(
    mailer: Client, office: PostOffice
) -> None:
    await a_customer(mailer)
    saved = await put(mailer, a_branding())

    await mailer.deliver(a_change(locale="en"), event_id="e-1")
    await logged(mailer, "e-1", "sent")

    mail = office.taken[0]
    assert (saved.status, saved.headers["ETag"]) == (200, '"1"')
    assert mail.message["From"].addresses[0].display_name == "Nordlicht <IT>"
    assert mail.sender == mail.message["From"].addresses[0].addr_spec == "no-reply@portal.example"
    assert 'src="cid:logo"' in mail.text("html")
    assert "Nordlicht IT" in mail.text()
    (picture,) = [part for part in mail.message.walk() if part["Content-ID"] == "<logo>"]
    assert picture.get_payload(decode=True) == a_png()
    assert (await mailer.heard(BrandingChanged))[0].colour == "#0b6e4f"


async def test_mails_to_others_look_as_ever(mailer: Client, office: PostOffice) -> None:
    await a_customer(mailer)
    await put(mailer, a_branding())
    elsewhere: PasswordChanged = a_change(locale="en").model_copy(update={"org": "200001.sms"})

    await mailer.deliver(elsewhere, event_id="e-1")
    await logged(mailer, "e-1", "sent")

    assert office.taken[0].message["From"].addresses[0].display_name == "Mobile Security Portal"
    assert "Nordlicht" not in office.taken[0].text("html") + office.taken[0].text()


async def test_a_name_is_only_a_name(mailer: Client, office: PostOffice) -> None:
    await a_customer(mailer)
    hostile = "<script>alert(1)</script> {{ 7 * 7 }}"
    await put(mailer, a_branding(name=hostile, logo=None))

    await mailer.deliver(a_change(locale="en"), event_id="e-1")
    await logged(mailer, "e-1", "sent")

    html = office.taken[0].text("html")
    assert "<script>" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt; {{ 7 * 7 }}" in html


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"colour": "#ffff00"}, "colour"),
        ({"colour": "red"}, "colour"),
        ({"colour": "#fff;background:url(x)"}, "colour"),
        ({"name": "two\nlines"}, "name"),
        ({"sender_name": "Eve\r\nBcc: x@y.example"}, "sender_name"),
        ({"logo": "no base64!"}, "logo"),
        ({"logo": in_base64(b"<svg onload=alert(1)>")}, "logo"),
        ({"logo": in_base64(a_png()[:-20])}, "logo"),
        ({"logo": in_base64(a_png(601))}, "logo"),
        ({"logo": in_base64(a_png(120, 40, chunk(b"tEXt", b"x" * 25_000)))}, "logo"),
        ({"logo": in_base64(a_png().replace(b"IDAT", b"IDAU"))}, "logo"),
        ({"html": "<b>"}, "html"),
    ],
)
async def test_what_could_do_harm_is_refused_and_changes_nothing(
    mailer: Client, wrong: dict[str, Any], field: str
) -> None:
    answer = await put(mailer, a_branding(**wrong))

    assert answer.status == 422
    assert answer.body["errors"][0]["pointer"] == f"#/body/{field}"
    assert (await mailer.get(PATH, as_=CHIEF)).body["name"] is None


async def test_of_a_logo_nothing_is_kept_but_the_picture(mailer: Client) -> None:
    hidden = a_png(120, 40, chunk(b"tEXt", b"Comment\x00secret"), chunk(b"eXIf", b"where"))

    saved = await put(mailer, a_branding(logo=in_base64(hidden + b"PK\x03\x04 an archive")))

    assert base64.b64decode(saved.body["logo"]) == a_png()


async def test_an_edit_needs_the_version_that_was_read(mailer: Client) -> None:
    await put(mailer, a_branding())

    late = await put(mailer, a_branding(name="Other"), version=0)
    blind = await mailer.send("PUT", PATH, as_=CHIEF, json=a_branding())

    assert (late.status, blind.status) == (412, 428)
    assert (await mailer.get(PATH, as_=CHIEF)).body["name"] == "Nordlicht IT"


@pytest.mark.parametrize(
    ("who", "status"),
    [
        (a_pass("100001.rsp", Permission.RESELLER_READ), 403),
        (a_pass("100002.rsp", *GRANTS[Role.RESELLER_ADMIN][Relation.OWN]), 401),
        (a_pass("123456.sms", *GRANTS[Role.ADMIN][Relation.OWN]), 401),
    ],
    ids=["no-right", "other-reseller", "tenant"],
)
async def test_nobody_else_decides_it(mailer: Client, who: Any, status: int) -> None:
    answer = await put(mailer, a_branding(), as_=who)

    assert answer.status == status
    assert await mailer.mongo.collection("brandings").count({}) == 0


async def test_a_reseller_is_written_to_in_its_own_look(mailer: Client, office: PostOffice) -> None:
    await put(mailer, a_branding())
    to_staff: PasswordChanged = a_change(locale="en").model_copy(update={"org": "100001.rsp"})

    await mailer.deliver(to_staff, event_id="e-1")
    await logged(mailer, "e-1", "sent")

    assert "Nordlicht IT" in office.taken[0].text()
    assert office.taken[0].message["Date"].datetime == NOON
