"""How a reseller's mails look."""

import base64
import binascii
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from services.mailer.actions.branding import change_branding, read_branding
from services.mailer.deps import Deps
from services.mailer.domain.brands import LOGO_SIZE, MOST_LOGO_BYTES, Branding
from shared.errors import FieldError, InvalidError
from shared.etags import etag, expected_version
from shared.fields import must_be_printable
from shared.models import Model, Nothing
from shared.routing import Call, Reply

ShownName = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=60),
    AfterValidator(must_be_printable),
]
_LONGEST_LOGO = MOST_LOGO_BYTES * 4 // 3 + 4


class BrandingBody(Model):
    """All of it as it is to be; what is left out is as the portal has it."""

    name: ShownName | None = Field(None, examples=["Nordlicht IT"])
    colour: str | None = Field(
        None,
        pattern=r"^#[0-9a-f]{6}$",
        examples=["#1f5fbf"],
        description="Of buttons; dark enough for white words on it.",
    )
    sender_name: ShownName | None = Field(
        None, examples=["Nordlicht IT"], description="Beside the address that mails come from."
    )
    logo: str | None = Field(
        None,
        max_length=_LONGEST_LOGO,
        description=f"A PNG in base64, at most {LOGO_SIZE[0]} by {LOGO_SIZE[1]} pixels.",
    )


class BrandingView(Model):
    name: str | None
    colour: str | None
    sender_name: str | None
    logo: str | None


async def read(call: Call[Deps, Nothing, Nothing]) -> Reply[BrandingView]:
    """Read how mails to the reseller's staff and customers look."""
    return _answer(await read_branding(call.deps, call.path["rid"]))


async def replace(call: Call[Deps, BrandingBody, Nothing]) -> Reply[BrandingView]:
    """Say how mails to the reseller's staff and customers look."""
    body = call.body
    wanted = Branding(
        call.path["rid"],
        body.name,
        body.colour,
        body.sender_name,
        None if body.logo is None else _bytes(body.logo),
    )
    was = expected_version(call.header("If-Match"))
    return _answer(await change_branding(call.deps, wanted, was=was))


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        flaw = FieldError("#/body/logo", "no_base64", "Send the picture in base64.")
        raise InvalidError(fields=[flaw]) from error


def _answer(branding: Branding) -> Reply[BrandingView]:
    view = BrandingView(
        name=branding.name,
        colour=branding.colour,
        sender_name=branding.sender_name,
        logo=None if branding.logo is None else base64.b64encode(branding.logo).decode(),
    )
    return Reply(view, headers=etag(branding.version))
