"""What an operation takes besides its body: in the path, the query and headers."""

import re
from collections.abc import Mapping
from typing import Any, Final

from shared.etags import IF_MATCH
from shared.idempotency import HEADER
from shared.routing import PATH_PATTERNS, Route

Json = dict[str, Any]
PATH_VARIABLES: Final = {
    "place": ("The id of an organisation.", "123456.sms"),
    "tid": ("A tenant's id.", "123456.sms"),
    "rid": ("A reseller's id.", "100001.rsp"),
    "lid": ("A licence's id.", "0d6f5a3c1b2e4f7a8b9c0d1e2f3a4b5c"),
    "month": ("A month in Europe/Berlin.", "2026-03"),
    "wid": ("A webhook's id.", "0d6f5a3c1b2e4f7a8b9c0d1e2f3a4b5c"),
    "did": ("A device's id.", "0d6f5a3c1b2e4f7a8b9c0d1e2f3a4b5c"),
    "product": ("A product's id.", "mobile-security"),
    "uid": ("An account's id.", "0d6f5a3c1b2e4f7a8b9c0d1e2f3a4b5c"),
    "id": ("The id.", "0d6f5a3c1b2e4f7a8b9c0d1e2f3a4b5c"),
}
"""What each variable of a path means, with an example; also what tests put into its place."""
_QUERIES: Final = {
    "account_id": "Only those to this account.",
    "address": "Only those to this address.",
    "at": "As it was or will be at this instant.",
    "cause": "Only those of this cause.",
    "code": "What the Reseller Portal hands back (OAuth 2.0).",
    "cursor": "`next_cursor` of the page before; the first page without it.",
    "differing": "Only those that differed.",
    "error": "Why the Reseller Portal refused (OAuth 2.0).",
    "format": "The form of the file, before what `Accept` says.",
    "label": "Only those with this label, or with none.",
    "licence_id": "Only those of this licence.",
    "licence_state": "Only those whose licence is in this state.",
    "limit": "How many at most.",
    "month": "The month, in Europe/Berlin.",
    "org": "Only those to this organisation.",
    "outcome": "Only those with this outcome.",
    "request_id": "Only those that this request has caused.",
    "reseller_id": "Only those of this reseller.",
    "role": "Only those with this role, or with none.",
    "sort": "By what the list is sorted.",
    "state": "Only those in this state.",
    "status": "Only those of this status.",
    "template": "Only those of this template.",
    "tenant_id": "Only those of this tenant.",
    "type": "Only events of this type.",
}
"""What a query's parameter means where its model does not say it."""
_VARIABLE: Final = re.compile(r"\{(\w+)\}")
_REF: Final = "#/components/parameters/{name}"
_IDEMPOTENCY_KEY: Final[Json] = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "description": "A value of your own, e.g. a UUID. Within 24 hours the same request under it is "
    "carried out once and answered alike: 409 `request_running` while it runs, 422 "
    "`idempotency_key_reused` for another request.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[\\x21-\\x7e]+$"},
    "example": "8e03978e-40d5-43e8-bc93-6894a57f9324",
}
_IF_MATCH: Final[Json] = {
    "name": IF_MATCH,
    "in": "header",
    "required": True,
    "description": "The `ETag` of the version that you read: 412 where it has changed since, 428 "
    "without one.",
    "schema": {"type": "string", "pattern": '^"[0-9]{1,18}"$'},
    "example": '"3"',
}


def parameters(paths: Mapping[str, Json]) -> dict[str, Json]:
    """Those that the operations of these paths share, by name."""
    used = set(_VARIABLE.findall(" ".join(paths)))
    found = {
        name: {
            "name": name,
            "in": "path",
            "required": True,
            "description": description,
            "schema": {"type": "string", "pattern": f"^(?:{PATH_PATTERNS[name]})$"},
            "example": example,
        }
        for name, (description, example) in PATH_VARIABLES.items()
        if name in used
    }
    return {**found, HEADER: _IDEMPOTENCY_KEY, IF_MATCH: _IF_MATCH}


def taken_by(route: Route[Any], query: Json) -> list[Json]:
    """The parameters of an operation; those of its query are its own."""
    shared = _VARIABLE.findall(route.path)
    shared += [HEADER] if route.keyed else []
    shared += [IF_MATCH] if route.wants_version else []
    return [
        *({"$ref": _REF.format(name=name)} for name in shared),
        *_of_query(query),
    ]


def _of_query(schema: Mapping[str, Any]) -> list[Json]:
    required = schema.get("required", ())
    return [
        {
            "name": name,
            "in": "query",
            "required": name in required,
            "description": told.get("description") or _said(name),
            "schema": {key: part for key, part in told.items() if key != "description"},
        }
        for name, told in schema.get("properties", {}).items()
    ]


def _said(name: str) -> str:
    if name not in _QUERIES:
        raise LookupError(f"The query's {name} needs a description, in its model or here.")
    return _QUERIES[name]
