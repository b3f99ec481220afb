"""What an operation answers when it went well, and how it refuses."""

from http import HTTPStatus
from typing import Any, Final

from pydantic import BaseModel

from shared.contracts.events import Service
from shared.models import File, Text
from shared.routing import Route
from tools.openapi.problems import REFUSALS, refused_by
from tools.openapi.schemas import Schemas

Json = dict[str, Any]
_JSON: Final = "application/json"
_REFUSED_TO_CLIENTS: Final = {
    "400": "The request is not well formed, or asks for more than there is.",
    "401": "Client id or secret is not right.",
    "429": REFUSALS[429],
    "503": REFUSALS[503],
}


def answers_of(service: Service, route: Route[Any], schemas: Schemas) -> Json:
    good: Json = {"description": "Done."}
    if route.status == HTTPStatus.FOUND:
        target = {"description": "Where to go on.", "schema": {"type": "string", "format": "uri"}}
        good["headers"] = {"Location": target}
    elif route.status != HTTPStatus.NO_CONTENT:
        good["content"] = _content(route.answers, schemas.given(route.answers))
    if route.refuses is None:
        return {str(route.status): good, **refused_by(service, route)}
    content = {_JSON: {"schema": schemas.given(route.refuses)}}
    refusals = {
        status: {"description": told, "content": content}
        for status, told in _REFUSED_TO_CLIENTS.items()
    }
    return {str(route.status): good, **refusals}


def _content(answers: type[BaseModel], schema: Json) -> Json:
    """What an answer holds, by media type; JSON of a file or text is told by its description."""
    if issubclass(answers, File):
        return {media: {"schema": _file_schema(media)} for media in answers.media_types}
    if not issubclass(answers, Text):
        return {_JSON: {"schema": schema}}
    is_json = answers.media_type.endswith("json")
    return {answers.media_type: {"schema": {"type": "object"} if is_json else schema}}


def _file_schema(media: str) -> Json:
    if media.endswith("json"):
        return {"type": "object"}
    return {"type": "string"} if media.startswith("text/") else {}
