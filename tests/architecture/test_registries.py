"""Walks the lists that must be complete: operations, events, subscriptions, settings, errors."""

import importlib
import inspect
import json
import pkgutil
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any, Final

import pytest

import services
import shared
from shared.access import Permission
from shared.callers import OPEN, PERMISSION, Caller
from shared.contracts.events import Event, Service
from shared.errors import DomainError, InvalidError
from shared.routing import PATH_PATTERNS, Route
from tests.architecture.called_paths import ANY, METHODS, is_hit, names
from tools.contracts import SCHEMAS, breaks, catalogue, schema_of
from tools.docs import SETTINGS, openapi, tables
from tools.openapi.operations import access_told
from tools.openapi.parameters import PATH_VARIABLES

EVENTS: Final = catalogue()
_EVENT_NAME: Final = re.compile(
    r"(?:portal\.)?([a-z-]+)\.[a-z]+(?:_[a-z]+)*\.([a-z]+(?:_[a-z]+)*)\.v[1-9]"
)
_IRREGULAR: Final = ("done", "begun", "sent", "lost", "given", "taken", "withdrawn", "left")
_SNAKE: Final = re.compile(r"[a-z]+(?:_[a-z0-9]+)*")


# --- operations -----------------------------------------------------------------------------------


DOCUMENT: Final[dict[str, Any]] = json.loads(openapi())


def _operations() -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (method, path, item[method])
        for path, item in DOCUMENT["paths"].items()
        for method in METHODS
        if method in item
    ]


OPERATIONS: Final = _operations()


@pytest.mark.parametrize(
    ("method", "path"), [pytest.param(m, p, id=f"{m.upper()} {p}") for m, p, _ in OPERATIONS]
)
def test_every_operation_is_called_by_name_in_some_test(method: str, path: str) -> None:
    assert is_hit(method, path), f"No test calls {method.upper()} {path}: write one for it."


def _published_routes() -> list[tuple[Service, Route[Any]]]:
    return [
        (service, route)
        for service, table in tables().items()
        for route in table
        if route.access is not Caller.GATEWAY
    ]


def test_the_document_and_the_tables_of_routes_have_the_same_operations_with_the_same_access() -> (
    None
):
    in_tables = {
        (route.method.lower(), route.path): (
            str(service),
            (PERMISSION, str(route.access))
            if isinstance(route.access, Permission)
            else (str(route.access), None),
        )
        for service, route in _published_routes()
    }

    published = {
        (method, path): (told["x-service"], (told["x-access"], told["x-permission"]))
        for method, path, told in OPERATIONS
    }

    assert published == in_tables


def test_every_word_for_access_is_explained_and_used() -> None:
    used = {told["x-access"] for _, _, told in OPERATIONS}

    assert DOCUMENT["x-access-words"].keys() == used
    assert used == (set(Caller) - {Caller.GATEWAY}) | {PERMISSION}


def test_what_an_operation_asks_a_caller_to_show_follows_from_its_access() -> None:
    for method, path, told in OPERATIONS:
        wants_token = {"token": []} in told["security"]
        is_open = told["x-access"] in OPEN
        assert wants_token != is_open, (method, path)
        assert ({"machine": [told["x-permission"]]} in told["security"]) == (
            told["x-permission"] is not None
        ), (method, path)
        assert access_told(told["x-access"], told["x-permission"]) in told["description"]


@pytest.mark.parametrize("name", PATH_PATTERNS)
def test_every_variable_of_a_path_has_an_example_that_fits(name: str) -> None:
    assert re.fullmatch(PATH_PATTERNS[name], PATH_VARIABLES[name][1])


def test_no_operation_of_the_gateway_alone_is_published() -> None:
    published = {path for _, path, _ in OPERATIONS}
    own = {
        route.path
        for table in tables().values()
        for route in table
        if route.access is Caller.GATEWAY
    }

    assert own
    assert not own & published
    assert all(path.startswith("/internal/") for path in own)
    assert not any(path.startswith("/internal") for path in published)


def test_operations_have_names_of_their_own() -> None:
    names = [told["operationId"] for _, _, told in OPERATIONS]

    assert len(names) == len(set(names))


_MADE_ONCE_ANYHOW: Final = {
    "/v1/me/passkeys": "the answer to a challenge is good once",
    "/v1/tenants/{tid}/devices": "the same fingerprint has the same seat",
}


def test_every_post_of_a_known_caller_that_makes_something_takes_an_idempotency_key() -> None:
    makes = {
        route.path: route.keyed
        for table in tables().values()
        for route in table
        if route.method == "POST"
        and route.access not in OPEN
        and route.status in {HTTPStatus.CREATED, HTTPStatus.ACCEPTED}
    }

    unkeyed = {path for path, keyed in makes.items() if not keyed}

    assert unkeyed == set(_MADE_ONCE_ANYHOW), "Say keyed=True, or why it is done once anyhow."
    assert len(makes) > len(unkeyed)


def test_an_operation_that_takes_an_idempotency_key_says_so() -> None:
    keyed = {
        (route.method.lower(), route.path)
        for table in tables().values()
        for route in table
        if route.keyed
    }
    told = {
        (method, path)
        for method, path, operation in OPERATIONS
        if {"$ref": "#/components/parameters/Idempotency-Key"} in operation["parameters"]
    }

    assert told == keyed


def _asks_for_a_version(handler: Any) -> bool:
    """Whether the handler's file reads If-Match, in whatever function beside it."""
    asked = 'expected_version(call.header("If-Match"))'
    return asked in inspect.getsource(sys.modules[handler.__module__])


def _edits() -> list[Route[Any]]:
    return [route for table in tables().values() for route in table if route.wants_version]


@pytest.mark.parametrize("route", _edits(), ids=lambda route: f"{route.method} {route.path}")
def test_an_edit_wants_to_know_which_version_was_read(route: Route[Any]) -> None:
    told = DOCUMENT["paths"][route.path][route.method.lower()]

    assert {"$ref": "#/components/parameters/If-Match"} in told["parameters"]
    assert DOCUMENT["components"]["parameters"]["If-Match"]["required"]
    assert {"412", "428"} <= set(told["responses"])
    assert _asks_for_a_version(route.handler)


@pytest.mark.parametrize(
    ("text", "path", "is_one"),
    [
        ("/v1/tenants/123456.sms", "/v1/tenants/{tid}", True),
        (f"/v1/tenants/{ANY}", "/v1/tenants/{tid}", True),
        (f"{ANY}/renew", "/v1/tenants/{tid}/licences/{lid}/renew", True),
        (f"{ANY}/{ANY}", "/v1/tenants/{tid}", False),
        ("/v1/tenants", "/v1/tenants/{tid}", False),
        ("/v1/tenants/123456.sms/users", "/v1/tenants/{tid}", False),
        (f"{ANY}/renew", "/v1/tenants/{tid}/licences/{lid}", False),
        ("tenants/123456.sms", "/v1/tenants/{tid}", False),
    ],
)
def test_a_path_in_a_test_is_told_from_others(text: str, path: str, *, is_one: bool) -> None:
    assert names(text, path.split("/")[1:]) is is_one


# --- events ---------------------------------------------------------------------------------------

each_event = pytest.mark.parametrize("kind", EVENTS.values(), ids=EVENTS.keys())


@each_event
def test_an_event_is_named_after_its_publisher_and_what_has_happened(kind: type[Event]) -> None:
    found = _EVENT_NAME.fullmatch(kind.type)

    assert found, "An event is called portal.<service>.<noun>.<past participle>.v1."
    assert kind.type.startswith("portal.") != (found.group(1) == "reseller-portal")
    assert kind.__module__ == f"shared.contracts.{found.group(1).replace('-', '_')}"
    participle = found.group(2).rpartition("_")[2]
    assert participle.endswith("ed") or participle in _IRREGULAR


@each_event
def test_an_event_says_what_it_means(kind: type[Event]) -> None:
    assert kind.__doc__
    assert kind.__doc__ != Event.__doc__
    assert kind.about in kind.model_fields


@each_event
def test_an_event_changes_by_additions_only(kind: type[Event]) -> None:
    snapshot = SCHEMAS / f"{kind.type}.json"
    assert snapshot.exists(), f"{kind.type} has no snapshot: run `make docs` and commit the file."

    broken = list(breaks(json.loads(snapshot.read_text()), schema_of(kind)))

    assert not broken, (
        f"{kind.type} would break its readers: {', '.join(broken)}. Undo that, or publish it as a "
        f"`.v2` beside it. Where it was never released, delete {snapshot.name} and run `make docs`."
    )


def test_no_event_that_was_published_disappears() -> None:
    kept = {file.name.removesuffix(".json") for file in SCHEMAS.glob("*.json")}

    gone = sorted(kept - set(EVENTS))

    assert not gone, (
        f"Readers may still wait for {', '.join(gone)}. Where it was never released, delete its "
        "snapshot in tests/contract/schemas."
    )


_OLD: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "a": {"type": "string"},
        "b": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
        "c": {
            "type": "array",
            "items": {"type": "object", "properties": {"x": {"type": "string"}}},
        },
    },
    "required": ["a"],
}


def _changed(required: list[str] | None = None, **fields: Any) -> dict[str, Any]:
    properties = {**_OLD["properties"], **fields}
    kept = {name: told for name, told in properties.items() if told is not None}
    return {**_OLD, "properties": kept, "required": required or ["a"]}


@pytest.mark.parametrize(
    ("new", "objection"),
    [
        pytest.param(_changed(), None, id="unchanged"),
        pytest.param(_changed(d={"type": "string"}), None, id="an optional field more"),
        pytest.param(_changed(a=None), "`a` is gone", id="a field less"),
        pytest.param(_changed(a={"type": "integer"}), "`a` has another type", id="retyped"),
        pytest.param(_changed(b={"type": "integer"}), "`b` has another type", id="never null"),
        pytest.param(_changed(["a", "b"]), "`b` is required", id="newly required"),
        pytest.param(_changed(["b"]), "`a` is no longer required", id="no longer required"),
        pytest.param(
            _changed(["a", "d"], d={"type": "string"}),
            "`d` is new and required",
            id="new, required",
        ),
        pytest.param(
            _changed(c={"type": "array", "items": {"type": "object", "properties": {}}}),
            "`c[].x` is gone",
            id="deep inside",
        ),
    ],
)
def test_a_breaking_change_is_told_from_an_addition(
    new: dict[str, Any], objection: str | None
) -> None:
    found = list(breaks(_OLD, new))

    assert (objection in found) if objection else (found == [])


# --- subscriptions --------------------------------------------------------------------------------


def _subscribed(service: Service) -> set[str]:
    try:
        module = importlib.import_module(f"services.{service}.subscriptions")
    except ModuleNotFoundError:
        return set()
    if service is Service.GATEWAY:
        return set(module.NEWS)
    return {line.event.type for line in module.SUBSCRIPTIONS}


@pytest.mark.parametrize("service", Service, ids=str)
def test_a_service_subscribes_to_what_names_it_as_a_reader_and_to_nothing_else(
    service: Service,
) -> None:
    named = {name for name, kind in EVENTS.items() if service in kind.readers}

    assert _subscribed(service) == named


@pytest.mark.parametrize("service", Service, ids=str)
def test_a_service_subscribes_to_each_event_once(service: Service) -> None:
    if service is not Service.GATEWAY:
        module = importlib.import_module(f"services.{service}.subscriptions")
        lines = [line.event.type for line in module.SUBSCRIPTIONS]
        assert len(lines) == len(set(lines))


# --- settings and errors --------------------------------------------------------------------------


def test_there_are_settings_of_every_service() -> None:
    assert set(SETTINGS) == {str(service) for service in Service}


def test_every_setting_says_what_it_is() -> None:
    silent = [
        f"{service}.{name}"
        for service, kind in SETTINGS.items()
        for name, field in kind.model_fields.items()
        if not (field.description or "").endswith(".")
    ]

    assert silent == []


def _errors() -> Iterator[type[DomainError]]:
    """Every refusal of ours, once all that is ours is imported."""
    for package in (shared, services):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.endswith("__main__"):
                importlib.import_module(module.name)
    waiting = [DomainError]
    while waiting:
        kind = waiting.pop()
        yield kind
        waiting += kind.__subclasses__()


def test_every_error_code_means_one_thing() -> None:
    meanings = defaultdict(set)
    for kind in _errors():
        if "code" in vars(kind):
            meanings[kind.code].add(f"{kind.__module__}.{kind.__qualname__}")

    assert {code: kinds for code, kinds in meanings.items() if len(kinds) > 1} == {}
    assert len(meanings) > 20


def test_every_error_code_is_snake_case_and_every_error_has_words_and_a_status() -> None:
    for kind in _errors():
        assert _SNAKE.fullmatch(kind.code), kind
        assert kind.detail.endswith((".", "?")), kind
        assert 400 <= kind.status < 600, kind
        assert kind.__name__.endswith("Error"), kind


def test_every_refusal_of_values_says_which_value_it_is_about() -> None:
    kinds = [kind for kind in _errors() if issubclass(kind, InvalidError)]
    silent = [kind for kind in kinds if not kind.pointer and "__init__" not in vars(kind)]

    assert silent == []
    assert {kind.pointer.split("/")[0] for kind in kinds if kind.pointer} == {"#"}
    assert len(kinds) > 20
