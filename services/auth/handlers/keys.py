"""The public keys that anybody may check our tokens with."""

from typing import Any

from services.auth.deps import Deps
from shared.models import Model, Nothing
from shared.routing import Call, Reply


class KeySetView(Model):
    keys: list[dict[str, Any]]


async def published(call: Call[Deps, Nothing, Nothing]) -> Reply[KeySetView]:
    """Read the public keys that sign access tokens (RFC 7517)."""
    headers = {"Cache-Control": "public, max-age=300"}
    return Reply(KeySetView.model_validate_json(call.deps.public_keys), headers=headers)
