"""One operation of the OpenAPI document, made from its line in a service's `routes.py`."""

import inspect
from typing import Any, Final

from shared.access import STEP_UP, Permission
from shared.bodies import FORM_MEDIA
from shared.callers import ACCESS_WORDS, OPEN, PERMISSION, Caller
from shared.contracts.events import Service
from shared.models import Form, Nothing
from shared.routing import Route
from tools.openapi.answers import answers_of
from tools.openapi.examples import referred
from tools.openapi.parameters import taken_by
from tools.openapi.schemas import Schemas

Json = dict[str, Any]
_JSON: Final = "application/json"


def operation(service: Service, route: Route[Any], schemas: Schemas) -> Json:
    summary, described = _told(route)
    needed = str(route.access) if isinstance(route.access, Permission) else None
    name = f"{service}_{route.handler.__module__.rpartition('.')[2]}_{route.handler.__name__}"
    told: Json = {
        "operationId": name,
        "summary": summary,
        "tags": [str(service)],
        "x-service": str(service),
        "x-access": str(PERMISSION if needed else route.access),
        "x-permission": needed,
        "parameters": taken_by(route, schemas.of_query(route.query)),
        "responses": answers_of(service, route, schemas),
        "security": _security(route),
    }
    description = [described, access_told(told["x-access"], needed), _step_up(route)]
    told["description"] = "\n\n".join(filter(None, description))
    if route.step_up or needed in STEP_UP:
        told["x-step-up"] = route.step_up or True
    if route.body is not Nothing:
        told["requestBody"] = _body(route, schemas)
    return told


def _body(route: Route[Any], schemas: Schemas) -> Json:
    schema = schemas.taken(route.body)
    media = FORM_MEDIA if issubclass(route.body, Form) else _JSON
    return {
        "required": any(field.is_required() for field in route.body.model_fields.values()),
        "content": {media: {"schema": schema, "examples": referred(schema, schemas.by_name)}},
    }


def access_told(word: str, permission: str | None) -> str:
    """Who may call it, as a sentence."""
    return f"Needs `{permission}` in this place." if permission else f"For {ACCESS_WORDS[word]}"


def _security(route: Route[Any]) -> list[Json]:
    """What a caller shows; machines get their tokens by OAuth 2.0 and go where permissions lead."""
    if route.access is Caller.CLIENT:
        return [{"client": []}, {}]
    if route.access in OPEN:
        return []
    if isinstance(route.access, Permission):
        return [{"token": []}, {"machine": [str(route.access)]}]
    if route.access is Caller.SIGNED_IN_OR_MACHINE:
        return [{"token": []}, {"machine": []}]
    return [{"token": []}]


def _step_up(route: Route[Any]) -> str | None:
    """What it says of the factor that must have been shown a short while ago (RFC 9470)."""
    if isinstance(route.step_up, tuple):
        what = f"Changing {', '.join(f'`{name}`' for name in route.step_up)} needs"
    elif route.step_up or route.access in STEP_UP:
        what = "Needs"
    else:
        return None
    return (
        f"{what} a second factor shown at most ten minutes ago, else 401 "
        "`insufficient_user_authentication`: show it again at `POST /v1/session/step-up`."
    )


def _told(route: Route[Any]) -> tuple[str, str]:
    """Summary and description: the first line of the handler's docstring, and the rest."""
    told = inspect.getdoc(route.handler)
    if not told:
        name = f"{route.handler.__module__}.{route.handler.__name__}"
        raise ValueError(f"{name} needs a docstring: its first line is the operation's summary.")
    summary, _, rest = told.partition("\n")
    return summary.removesuffix("."), " ".join(rest.split())
