"""Walks of schemathesis through a portal: who asks what, in which ways, and what is expected."""

import asyncio
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from typing_extensions import override

from tests.support.person import Portal
from tests.support.processes import PROJECT

_ENDS_THE_SESSION: Final = "^/v1/(me/password|me/sessions|session/logout)"
_SETTINGS: Final = """
[checks]
# A path of the vendor is the same 404 for anybody else, whatever the request lacks.
missing_required_header.expected-statuses = ["4xx"]
negative_data_rejection.expected-statuses = ["4xx"]
# A rule of the domain may refuse what the schema allows, though never for its form: that is what
# `takes_what_the_schema_allows` looks at.
positive_data_acceptance.expected-statuses = [
    "2xx", "302", "400", "401", "403", "404", "409", "412", "422", "429", "503",
]

[phases.stateful]
# The document's own links, so that the time goes where ids flow.
inference.algorithms = []
"""


@dataclass(frozen=True)
class Walk:
    """What a person asks: by phases of schemathesis, in places of its own where they are named."""

    org: str
    username: str
    phases: str
    paths: str = ""
    places: tuple[tuple[str, str], ...] = ()
    most: int = 2
    """How many examples at most are made up of an operation."""
    ends_session: bool = False

    @override
    def __str__(self) -> str:
        return f"{self.username}-{'ends-session' if self.ends_session else self.phases}"


async def walk(portal: Portal, one: Walk, folder: Path) -> tuple[str, int]:
    """What schemathesis says, and its exit status."""
    token = await portal.token(one.org, one.username)
    settings = folder / "schemathesis.toml"
    await asyncio.to_thread(settings.write_text, _settings(one))
    hooks = {"SCHEMATHESIS_HOOKS": "tests.support.promises", "PYTHONPATH": str(PROJECT)}
    process = await asyncio.create_subprocess_exec(
        str(Path(sys.executable).with_name("schemathesis")),
        *("--config-file", str(settings), "run", f"{portal.url}/openapi.json"),
        *("--url", portal.url, "-H", f"Authorization: Bearer {token}"),
        *("--phases", one.phases, "--seed", "7", "--max-examples", str(one.most), "--no-shrink"),
        *("--generation-database", "none", "--no-color", "--checks", "all", "--warnings", "off"),
        *_paths(one),
        cwd=folder,
        env={"HOME": str(folder), **hooks},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    told, _ = await process.communicate()
    return told.decode(), process.returncode or 0


def _settings(one: Walk) -> str:
    places = "\n".join(f'"path.{name}" = "{value}"' for name, value in one.places)
    return f"[parameters]\n{places}\n{_SETTINGS}"


def _paths(one: Walk) -> list[str]:
    """What ends the session of who walks is asked in a walk of its own: all else would be 401."""
    chosen = ["--include-path-regex", one.paths] if one.paths else []
    if one.ends_session:
        return ["--include-path-regex", _ENDS_THE_SESSION]
    return [*chosen, "--exclude-path-regex", _ENDS_THE_SESSION]
