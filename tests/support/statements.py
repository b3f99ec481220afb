"""Months that pass in licensing, and what it states then."""

import json
from datetime import UTC, datetime
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from services.licensing.actions.statements import make_statements
from services.licensing.actions.usage import measure_usage
from services.licensing.app import build
from shared.access import Permission
from shared.passes import PUBLIC
from tests.support.service import Client, a_pass


async def now_is(licensing: Client, year: int, month: int, day: int, hour: int = 12) -> None:
    """Time has passed, and the jobs have done what they do."""
    licensing.now.instant = datetime(year, month, day, hour, tzinfo=UTC)
    async with licensing.acting(build) as deps:
        await measure_usage(deps)
        await make_statements(deps)


async def raw_statement(
    licensing: Client,
    month: str = "2026-03",
    kind: str | None = None,
    *,
    of: str = "100001.rsp",
    accept: str = "*/*",
) -> tuple[int, dict[str, str], bytes]:
    """The answer as it comes: status, headers, bytes."""
    reader = a_pass(of, Permission.LICENCE_READ)
    headers = {"Authorization": f"Bearer {licensing.signed(reader)}", "Accept": accept}
    path = f"/v1/resellers/{of}/statements/{month}"
    params = {"format": kind} if kind else {}
    async with licensing.http.get(path, params=params, headers=headers) as answer:
        return answer.status, dict(answer.headers), await answer.read()


async def lines_of(
    licensing: Client, month: str = "2026-03", of: str = "100001.rsp"
) -> list[dict[str, Any]]:
    status, _, body = await raw_statement(licensing, month, "json", of=of)
    assert status == 200, body
    found: list[dict[str, Any]] = json.loads(body)["lines"]
    return found


async def is_signed(licensing: Client, signature: str, body: bytes) -> bool:
    """Whether one of the published keys has signed these very bytes."""
    answer = await licensing.get("/.well-known/licence-keys.json", as_=a_pass(PUBLIC))
    keys = KeySet.import_key_set(answer.body)
    try:
        found = jws.deserialize_compact(signature, keys, algorithms=["EdDSA"], payload=body)
    except JoseError:
        return False
    return bool(found.headers()["typ"] == "portal-statement")
