"""An example of every event, made from its contract."""

from typing import Any, Final

from shared.contracts.events import CloudEvent, Event
from shared.ids import kind_of
from shared.inbound import origin_of

Json = dict[str, Any]
_ID: Final = "0d6f5a3c1b2e4f7a8b9c0d1e2f3a4b5c"
_AT: Final = "2026-03-10T12:00:00Z"
_BY_NAME: Final = {
    "act": "renewed",
    "address": "ada@acme.example",
    "email": "ada@acme.example",
    "event_type": "portal.tenancy.tenant.created.v1",
    "locale": "de",
    "name": "Acme",
    "org": "123456.sms",
    "permissions": "user:read",
    "product": "mobile-security",
    "reseller_id": "100001.rsp",
    "former_reseller_id": "100002.rsp",
    "roles": "admin",
    "service": "mailer",
    "status": "active",
    "tenant_id": "123456.sms",
    "former_tenant_id": "200001.sms",
    "username": "ada",
}
_BY_FORMAT: Final = {"date-time": _AT, "date": "2026-03-10", "duration": "PT30M"}


def example_of(kind: type[Event]) -> Json:
    """The whole message, as it is on the wire."""
    schema = kind.model_json_schema(mode="validation")
    data = _sample(schema, schema.get("$defs", {}), "")
    places = [data.get(name) for name in ("tenant_id", "org")]
    event = CloudEvent(
        id=_ID,
        source=f"/{origin_of(kind.type) or '/'.join(kind.type.split('.')[:2])}",
        type=kind.type,
        subject=kind.model_validate(data).subject,
        time=_AT,
        sequence=3,
        tenantid=next((one for one in places if one and kind_of(one) == "tenant"), None),
        resellerid=data.get("reseller_id"),
        correlationid="8e03978e40d543e8bc936894a57f9324",
        data=data,
    )
    return event.model_dump(mode="json", exclude_none=True)


def _sample(schema: Json, definitions: Json, name: str) -> Any:
    if "$ref" in schema:
        return _sample(definitions[schema["$ref"].rpartition("/")[2]], definitions, name)
    for key in ("const", "default"):
        if schema.get(key) is not None:
            return schema[key]
    if told := schema.get("examples") or schema.get("enum"):
        return told[0]
    if choices := schema.get("anyOf"):
        return _sample(choices[0], definitions, name)
    return _of_type(schema, definitions, name)


def _of_type(schema: Json, definitions: Json, name: str) -> Any:
    match schema.get("type"):
        case "object":
            free = schema.get("additionalProperties")
            fields = schema.get("properties") or ({"key": free} if isinstance(free, dict) else {})
            return {field: _sample(told, definitions, field) for field, told in fields.items()}
        case "array":
            return [_sample(schema.get("items", {}), definitions, name)]
        case "integer" | "number":
            return schema.get("minimum", 1)
        case "boolean":
            return True
        case _:
            return _text(schema, name)


def _text(schema: Json, name: str) -> str:
    if "format" in schema:
        return _BY_FORMAT.get(schema["format"], "text")
    return _BY_NAME.get(name, _ID if name.endswith("_id") or "pattern" in schema else "text")
