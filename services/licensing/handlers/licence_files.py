"""Signed licence files, the list of revoked ones, and the public keys to verify them."""

from typing import Any, ClassVar, Final

from pydantic import Field

from services.licensing.actions.licence_files import (
    licence_file,
    own_licence_file,
    revocation_list,
)
from services.licensing.deps import Deps
from services.licensing.domain.licence_files import FILE_TYPE, LIST_TYPE
from services.licensing.handlers.devices import TokenBody
from shared.ids import TypedId
from shared.models import Model, Nothing, Text
from shared.routing import Call, Reply

_PUBLIC: Final = {"Cache-Control": "public, max-age=60"}


class FileQuery(Model):
    device_id: TypedId | None = Field(None, description="Name one of its devices in the file.")


class Compact(Text):
    """A JWS in compact form (RFC 7515 §7.1), signed with EdDSA."""

    media_type: ClassVar[str] = "application/jose"


class General(Text):
    """A JWS in general JSON form (RFC 7515 §7.2.1), signed with EdDSA and with ES256."""

    media_type: ClassVar[str] = "application/jose+json"


class LicenceKeysView(Model):
    keys: list[dict[str, Any]]


async def compact(call: Call[Deps, Nothing, FileQuery]) -> Reply[Compact]:
    """Read a valid licence as a signed file that is verified offline.

    It says what is licensed, until when, and for which device where one was named. It is good for
    thirty days at most, and no longer than the licence. `GET /.well-known/licence-keys.json` has
    the public keys, `GET /.well-known/licence-revocations` what was revoked since.
    """
    return Reply(Compact(call.deps.signer.compact(FILE_TYPE, await _file(call))))


async def general(call: Call[Deps, Nothing, FileQuery]) -> Reply[General]:
    """Read the same file in JSON form, with a second signature for readers without EdDSA."""
    return Reply(General(call.deps.signer.general(FILE_TYPE, await _file(call))))


async def of_device(call: Call[Deps, TokenBody, Nothing]) -> Reply[Compact]:
    """Read the signed licence file of a device, as the device itself."""
    claims = await own_licence_file(call.deps, call.body.token)
    return Reply(Compact(call.deps.signer.compact(FILE_TYPE, claims)))


async def revoked(call: Call[Deps, Nothing, Nothing]) -> Reply[Compact]:
    """Read the signed list of licences and devices whose files are good no more.

    Its `number` grows: whoever keeps a list refuses an older one. A newer one is needed when `exp`
    is reached.
    """
    claims = await revocation_list(call.deps)
    return Reply(Compact(call.deps.signer.compact(LIST_TYPE, claims)), headers=_PUBLIC)


async def revoked_general(call: Call[Deps, Nothing, Nothing]) -> Reply[General]:
    """Read the same list in JSON form, with a second signature for readers without EdDSA."""
    claims = await revocation_list(call.deps)
    return Reply(General(call.deps.signer.general(LIST_TYPE, claims)), headers=_PUBLIC)


async def published(call: Call[Deps, Nothing, Nothing]) -> Reply[LicenceKeysView]:
    """Read the public keys that sign licence files and the list of revoked ones (RFC 7517)."""
    headers = {"Cache-Control": "public, max-age=300"}
    return Reply(LicenceKeysView.model_validate_json(call.deps.signer.public), headers=headers)


async def _file(call: Call[Deps, Nothing, FileQuery]) -> dict[str, Any]:
    return await licence_file(call.deps, call.path["tid"], call.path["lid"], call.query.device_id)
