"""Who is at the command line, as the activity names them: an operator, not an account."""

import os
import pwd
import re
from typing import Final

import click

_NAME: Final = r"[A-Za-z0-9_-]{1,48}"
"""What still fits a query for an actor after the prefix."""
_PREFIX: Final = "operator-"

actor_option = click.option(
    "--actor",
    callback=lambda _, __, name: operator(name),
    help="Who does this, for the activity; else the name of the system's user.",
)


def operator(name: str | None) -> str:
    """The actor of this name, or else of whoever runs the command; no account has such an id."""
    if name is not None and not re.fullmatch(_NAME, name):
        raise click.BadParameter("letters, digits, dashes and underscores, 48 at most")
    return _PREFIX + (name or _system_user())


def _system_user() -> str:
    """Asked of the system: what the environment says can be anything."""
    number = os.getuid()
    try:
        found = pwd.getpwuid(number).pw_name
    except KeyError:  # in a container there need be none of this number
        return f"uid-{number}"
    return re.sub(r"[^A-Za-z0-9_-]", "-", found)[:48]
