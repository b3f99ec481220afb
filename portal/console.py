"""What `portal up` tells the person in front of it."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import click

from portal.demo.world import accounts
from portal.tables import table
from shared.clock import monotonic

_WIDTH: Final = 14


class Console:
    """Says what is being done while it is done, and in the end where to go."""

    def __init__(self) -> None:
        self.is_ready = False

    def say(self, text: str) -> None:
        click.echo(text)

    @contextmanager
    def step(self, what: str) -> Iterator[list[str]]:
        """One step of the start; at its end it is said how long it took, and what was noted."""
        begun, notes = monotonic(), list[str]()
        yield notes
        took = f"{monotonic() - begun:.1f} s"
        line = f"  {click.style('✓', fg='green')} {what:<{_WIDTH}} {took:>6}  {' '.join(notes)}"
        click.echo(line.rstrip())

    def ready(self, portal_url: str, mail_url: str) -> None:
        self.is_ready = True
        click.secho("\nThe Mobile Security Portal is up.\n", bold=True)
        click.echo(f"  Portal   {portal_url}   API reference: {portal_url}/docs")
        click.echo(f"  Mails    {mail_url}\n")
        click.echo(account_table())
        click.echo("\nStop with Ctrl-C.")


def account_table() -> str:
    """The demo logins, for people."""
    rows = [("Tenant Domain", "User name", "Password", "Second factor")]
    for account in accounts():
        factor = "TOTP" if account.has_totp else "none yet"
        rows.append((account.org, account.username, account.password, factor))
    lines = [f"  {line}" for line in table(rows)]
    code = f"{sys.argv[0]} demo code TENANT-DOMAIN USER-NAME"
    hint = f"  What an authenticator app shows now: {code}"
    return "\n".join([*lines, "", hint])
