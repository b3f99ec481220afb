"""Generates the documents that are made from the code; --check only says what is out of date."""

import importlib
import json
import pkgutil
import sys
from collections.abc import Iterator
from inspect import getdoc
from pathlib import Path
from typing import Any, Final

from pydantic.fields import FieldInfo

import services
from services.auth.settings import AuthSettings
from services.gateway.settings import GatewaySettings
from services.licensing.settings import LicensingSettings
from services.mailer.settings import MailerSettings
from services.tenancy.settings import TenancySettings
from shared.access import GRANTS, STEP_UP, Permission, Relation, Role
from shared.contracts.events import Service
from shared.settings import Settings
from tools.asyncapi import asyncapi
from tools.contracts import catalogue, snapshots
from tools.licence_vectors import VECTORS, vectors
from tools.openapi.document import document
from tools.reference import PAGE, reference
from tools.type_names import type_name

ROOT: Final = Path(__file__).parent.parent
VERSION: Final = "1.0.0"
SETTINGS: Final[dict[str, type[Settings]]] = {
    "gateway": GatewaySettings,
    "auth": AuthSettings,
    "tenancy": TenancySettings,
    "licensing": LicensingSettings,
    "mailer": MailerSettings,
}
_GENERATED: Final = "<!-- Made by `make docs`; edit the code instead. -->\n\n"


def main() -> int:
    stale = []
    for path, text in documents().items():
        if path.exists() and path.read_text() == text:
            continue
        stale.append(str(path.relative_to(ROOT)))
        if "--check" not in sys.argv:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    if not stale:
        print("Generated documents are current.")
        return 0
    if "--check" in sys.argv:
        print(f"Out of date, run `make docs`: {', '.join(stale)}")
        return 1
    print(f"Written: {', '.join(stale)}")
    return 0


def documents() -> dict[Path, str]:
    return {
        ROOT / "services/gateway/openapi.json": openapi(),
        PAGE: reference(document(tables(), version=VERSION)),
        ROOT / "docs/settings.md": settings(),
        ROOT / "docs/events.md": events(),
        ROOT / "docs/asyncapi.json": asyncapi(VERSION),
        ROOT / "docs/permissions.md": permissions(),
        VECTORS: vectors(),
        **snapshots(),
    }


def tables() -> dict[Service, Any]:
    """The route tables of all services behind the gateway."""
    found = {}
    for module in pkgutil.iter_modules(services.__path__):
        package = f"services.{module.name}"
        if module.name == "gateway":
            continue
        try:
            routes = importlib.import_module(f"{package}.routes").ROUTES
        except ModuleNotFoundError:
            continue
        found[Service(module.name)] = routes
    return found


def openapi() -> str:
    return json.dumps(document(tables(), version=VERSION), indent=1, ensure_ascii=False) + "\n"


def settings() -> str:
    """The settings of every service, each with its default and meaning."""
    text = _GENERATED + "# Settings\n\nFrom environment variables, or from files of the same names "
    text += "in lower case in the folder that `PORTAL_SECRETS_DIR` names (keys and passwords).\n"
    for name, kind in SETTINGS.items():
        text += f"\n## {name}\n\n| variable | default | meaning |\n| --- | --- | --- |\n"
        for variable, field in variables(kind):
            default = "required" if field.is_required() else f"`{_shown(field.default)}`"
            text += f"| `{variable}` | {default} | {field.description} |\n"
    return text


def _shown(default: Any) -> str:
    return str(default) if default is not None else "none"


def variables(kind: type[Settings]) -> Iterator[tuple[str, FieldInfo]]:
    """The environment variables that a settings class reads."""
    for name, field in kind.model_fields.items():
        alias = field.validation_alias
        yield (alias if isinstance(alias, str) else f"PORTAL_{name.upper()}"), field


def events() -> str:
    """Every event there is: who publishes it, who reads it, what it carries."""
    found = catalogue()
    text = _GENERATED + "# Events\n\nOne durable topic exchange, `portal.events`; the type is the "
    text += "routing key. Messages are CloudEvents 1.0 in JSON; `data` has the fields below. "
    text += "[asyncapi.json](asyncapi.json) says the same to programs.\n"
    for name in sorted(found):
        kind = found[name]
        readers = ", ".join(sorted(kind.readers | kind.outlets)) or "nobody yet"
        text += (
            f"\n## `{name}`\n\n{getdoc(kind)}\n\nSubject: `{kind.about}`. Read by: {readers}.\n\n"
        )
        text += "| field | type | required |\n| --- | --- | --- |\n"
        for field, info in kind.model_fields.items():
            required = "yes" if info.is_required() else "no"
            text += f"| `{field}` | `{type_name(info.annotation)}` | {required} |\n"
    return text


def permissions() -> str:
    """The table from roles to permissions, as it is enforced."""
    roles = list(Role)
    text = _GENERATED + "# Permissions\n\n"
    text += "| permission | " + " | ".join(roles) + " |\n"
    text += "| --- |" + " --- |" * len(roles) + "\n"
    for permission in Permission:
        cells = [_where(role, permission) for role in roles]
        mark = " †" if permission in STEP_UP else ""
        text += f"| `{permission}`{mark} | " + " | ".join(cells) + " |\n"
    text += "\n† needs a second factor shown at most ten minutes ago (RFC 9470), and so do:\n\n"
    for route in (route for table in tables().values() for route in table if route.step_up):
        fields = f" with `{'`, `'.join(route.step_up)}`" if route.step_up is not True else ""
        text += f"- `{route.method} {route.path}`{fields}\n"
    return text


def _where(role: Role, permission: Permission) -> str:
    names = {Relation.VENDOR: "all", Relation.OWN: "own", Relation.ASSIGNED: "assigned"}
    return ", ".join(
        name for relation, name in names.items() if permission in GRANTS[role].get(relation, ())
    )


if __name__ == "__main__":
    sys.exit(main())
