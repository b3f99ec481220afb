"""What an operation answers when it went well, and how it refuses."""

from http import HTTPStatus
from typing import Any, Final

from pydantic import BaseModel

from services.auth.domain.oauth import OAuthError
from shared.contracts.events import Service
from shared.errors import DomainError, UnavailableError
from shared.models import File, Text
from shared.problems import PROBLEM_JSON
from shared.routing import Refusal, Route
from tools.openapi.examples import referred
from tools.openapi.problems import REFUSALS, content_of, referred_to, refused_by
from tools.openapi.schemas import Schemas
from tools.openapi.values import FILES

Json = dict[str, Any]
_JSON: Final = "application/json"
_REFUSED_TO_CLIENTS: Final = {
    "400": "The request is not well formed, or asks for more than there is.",
    "401": "Client id or secret is not right.",
    "429": REFUSALS[429],
    "503": REFUSALS[503],
}
_ALSO_OF_GATEWAY: Final = {"400", "429", "503"}
_OF_GATEWAY: Final = (408, 413)


def answers_of(service: Service, route: Route[Any], schemas: Schemas) -> Json:
    good: Json = {"description": "Done."}
    if route.status == HTTPStatus.FOUND:
        target = {"description": "Where to go on.", "schema": {"type": "string", "format": "uri"}}
        good["headers"] = {"Location": target}
    elif route.status != HTTPStatus.NO_CONTENT:
        good["content"] = _content(route.answers, schemas)
    if route.refuses is None:
        return {str(route.status): good, **refused_by(service, route)}
    return {str(route.status): good, **_refused_as(service, route.refuses, schemas)}


def _refused_as(service: Service, form: type[Refusal], schemas: Schemas) -> Json:
    """Refusals in a form of their own, but for those of the gateway; the examples are made by what
    makes the real ones.
    """
    examples: Json = {status: {} for status in _REFUSED_TO_CLIENTS}
    for kind in (*OAuthError.__subclasses__(), UnavailableError):
        error: DomainError = kind()
        reply = form.of(error)
        if reply.body is not None:
            told = {"value": reply.body.model_dump(mode="json")}
            examples[str(reply.status)][error.code] = told
    found: Json = {}
    for status, description in _REFUSED_TO_CLIENTS.items():
        content: Json = {_JSON: {"schema": schemas.given(form), "examples": examples[status]}}
        if status in _ALSO_OF_GATEWAY:
            content[PROBLEM_JSON] = content_of(service, int(status))
        found[status] = {"description": description, "content": content}
    return {**found, **referred_to(service, _OF_GATEWAY)}


def _content(answers: type[BaseModel], schemas: Schemas) -> Json:
    """What an answer holds, by media type; JSON of a file or text is told by its description."""
    if issubclass(answers, File):
        return {media: _file(media) for media in answers.media_types}
    schema = schemas.given(answers)
    told = {"schema": schema, "examples": referred(schema, schemas.by_name)}
    if not issubclass(answers, Text):
        return {_JSON: told}
    return {answers.media_type: {**told, "schema": _text(answers, schemas)}}


def _text(answers: type[Text], schemas: Schemas) -> Json:
    """Tools read JSON before they judge it, and of a stream one event after the other."""
    if answers.media_type.endswith("json"):
        return {"type": "object"}
    if answers.media_type == "text/event-stream":
        return {"description": " ".join((answers.__doc__ or "").split())}
    return schemas.given(answers)


def _file(media: str) -> Json:
    if media not in FILES:
        return {"schema": {}}
    kind = "object" if media.endswith("json") else "string"
    return {"schema": {"type": kind}, "example": FILES[media]}
