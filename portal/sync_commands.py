"""`portal sync`: its commands and options."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from portal.somewhere import data_dir_option, run, somewhere

if TYPE_CHECKING:
    from portal.where import Where

_reseller = click.argument("reseller", required=False)


@click.group()
@data_dir_option
@click.pass_context
def sync(context: click.Context, data_dir: Path) -> None:
    """How far the Reseller Portal and this one agree.

    Needs the database alone: MONGO_URL and PORTAL_DATABASE_PREFIX as the services have them, or the
    data folder of `portal up`.
    """
    context.obj = data_dir


@sync.command()
@_reseller
@somewhere
def checksums(where: "Where", reseller: str | None) -> None:
    """Print the checksums of both sides.

    Of RESELLER or of all, as last compared. Ends with 1 where one differs.
    """
    from portal.sync import checksums as read  # noqa: PLC0415 only needed here

    lines, is_alike = run(read(where, reseller))
    click.echo("\n".join(lines))
    sys.exit(0 if is_alike else 1)


@sync.command()
@_reseller
@somewhere
def drift(where: "Where", reseller: str | None) -> None:
    """Print the records that differ.

    Those of RESELLER or of all, as last compared: the first 1,000 of each service. Ends with 1
    where there are any.
    """
    from portal.sync import drift as read  # noqa: PLC0415

    lines, is_alike = run(read(where, reseller))
    click.echo("\n".join(lines))
    sys.exit(0 if is_alike else 1)


@sync.command()
@click.option(
    "--outcome",
    type=click.Choice(["applied", "ignored", "rejected"]),
    help="Only those that this became of.",
)
@click.option("--reseller", help="Only those about this company.")
@click.option(
    "--limit",
    type=click.IntRange(1, 10_000),
    default=50,
    show_default=True,
    help="How many at most.",
)
@somewhere
def messages(where: "Where", outcome: str | None, reseller: str | None, limit: int) -> None:
    """Print the newest messages and what became of them."""
    from portal.sync import messages as read  # noqa: PLC0415
    from services.tenancy.domain.sync import Outcome  # noqa: PLC0415

    lines = run(read(where, Outcome(outcome) if outcome else None, reseller, limit))
    click.echo("\n".join(lines))
