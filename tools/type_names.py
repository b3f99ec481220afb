"""What a field's type is called in documents that people read."""

from enum import Enum
from types import UnionType
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

_NAMES: Final[dict[Any, str]] = {type(None): "None", ...: "..."}


def type_name(annotation: Any) -> str:
    """As the code writes it, with its parts; of fixed words and enumerations the words."""
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return type_name(parts[0])
    if origin in {Union, UnionType}:
        return " or ".join(map(type_name, parts))
    if words := _words(annotation):
        return " or ".join(f'"{word}"' for word in words)
    if origin is not None:
        return f"{origin.__name__}[{', '.join(map(type_name, parts))}]"
    return _NAMES.get(annotation) or str(annotation.__name__)


def _words(annotation: Any) -> list[str]:
    if get_origin(annotation) is Literal:
        return list(get_args(annotation))
    is_enumeration = isinstance(annotation, type) and issubclass(annotation, Enum)
    return [one.value for one in annotation] if is_enumeration else []
