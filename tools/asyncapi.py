"""The AsyncAPI 3.0 document: every message on the broker, with its schema and an example."""

import json
from typing import Any

from shared.contracts.events import CloudEvent, Event
from shared.inbound import INBOUND_EXCHANGE, origin_of
from shared.rabbitmq import CONTENT_TYPE
from shared.topology import EXCHANGE
from tools.contracts import catalogue
from tools.event_examples import example_of

Json = dict[str, Any]


def asyncapi(version: str) -> str:
    kinds = [kind for _, kind in sorted(catalogue().items())]
    document: Json = {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Mobile Security Portal",
            "version": version,
            "description": "What the portal says on its broker, and what it hears there from the "
            "Reseller Portal. Messages are CloudEvents 1.0 in structured JSON.",
        },
        "defaultContentType": CONTENT_TYPE,
        "servers": {"broker": {"host": "localhost:5672", "protocol": "amqp"}},
        "channels": {kind.type: _channel(kind) for kind in kinds},
        "operations": {_operation_id(kind): _operation(kind) for kind in kinds},
        "components": {"messages": {kind.type: _message(kind) for kind in kinds}},
    }
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def _channel(kind: type[Event]) -> Json:
    exchange = INBOUND_EXCHANGE if origin_of(kind.type) else EXCHANGE
    return {
        "address": kind.type,
        "messages": {kind.type: {"$ref": f"#/components/messages/{kind.type}"}},
        "bindings": {
            "amqp": {
                "is": "routingKey",
                "exchange": {"name": exchange, "type": "topic", "durable": True, "vhost": "/"},
            }
        },
        "x-readers": sorted(str(reader) for reader in kind.readers),
        "x-outlets": sorted(str(outlet) for outlet in kind.outlets),
    }


def _operation_id(kind: type[Event]) -> str:
    return f"{'hear' if origin_of(kind.type) else 'say'}_{kind.__name__}"


def _operation(kind: type[Event]) -> Json:
    channel = f"#/channels/{kind.type}"
    return {
        "action": "receive" if origin_of(kind.type) else "send",
        "channel": {"$ref": channel},
        "messages": [{"$ref": f"{channel}/messages/{kind.type}"}],
    }


def _message(kind: type[Event]) -> Json:
    return {
        "name": kind.type,
        "title": kind.__name__,
        "summary": (kind.__doc__ or "").partition("\n")[0],
        "contentType": CONTENT_TYPE,
        "payload": payload_of(kind),
        "examples": [{"payload": example_of(kind)}],
    }


def payload_of(kind: type[Event]) -> Json:
    """The schema of the whole message: the envelope around the body of this type."""
    envelope = CloudEvent.model_json_schema(mode="validation")
    body = kind.model_json_schema(mode="validation")
    resolved = _resolved(body, body.pop("$defs", {}))
    always = {"specversion", "datacontenttype", *envelope["required"]}
    fields = {**envelope["properties"], "type": {"const": kind.type}, "data": resolved}
    return {"type": "object", "required": sorted(always), "properties": fields}


def _resolved(part: Any, definitions: Json) -> Any:
    if isinstance(part, list):
        return [_resolved(each, definitions) for each in part]
    if not isinstance(part, dict):
        return part
    if "$ref" in part:
        return _resolved(definitions[part["$ref"].rpartition("/")[2]], definitions)
    return {name: _resolved(value, definitions) for name, value in part.items()}
