"""`portal dead-letters`: its commands, options and what they print."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

import click

from portal.operator import actor_option
from portal.somewhere import data_dir_option, run, somewhere

if TYPE_CHECKING:
    from portal.where import Where
    from shared.dead_letter_desk import Done
    from shared.dead_letters import Selection

_SERVICES: Final = ("auth", "licensing", "mailer", "tenancy")


@click.group("dead-letters")
@data_dir_option
@click.pass_context
def dead_letters(context: click.Context, data_dir: Path) -> None:
    """Look into and mend events that could not be handled.

    Needs the database alone: MONGO_URL and PORTAL_DATABASE_PREFIX as the services have them, or the
    data folder of `portal up`.
    """
    context.obj = data_dir


def _selecting(command: Callable[..., None]) -> Callable[..., None]:
    """The options that say which letters."""
    for name, text in (
        ("--cause", "Only those of this cause (see list)."),
        ("--type", "Only events of this type."),
        ("--tenant", "Only events about this tenant."),
    ):
        command = click.option(name, help=text)(command)
    return command


_OUTCOMES: Final = {
    "unfit": "does not fit its contract and stays; see show and edit",
    "under_way": "is being tried again already",
    "handled": "was handled already",
    "gone": "there is no such letter",
}
"""What needs more than a word."""

_service = click.argument("service", type=click.Choice(_SERVICES))
_ids = click.argument("ids", nargs=-1)
_dry_run = click.option("--dry-run", is_flag=True, help="Only say what would become of them.")


@dead_letters.command("list")
@click.argument("service", type=click.Choice(_SERVICES), required=False)
@_selecting
@somewhere
def list_letters(where: "Where", /, service: str | None, **which: str | None) -> None:
    """List the letters of SERVICE, or of all services, grouped by cause."""
    from portal.dead_letters import listing  # noqa: PLC0415

    for name in [service] if service else _SERVICES:
        for line in run(listing(name, where, _selection((), **which))):
            click.echo(line)


@dead_letters.command()
@_service
@click.argument("letter")
@somewhere
def show(where: "Where", service: str, letter: str) -> None:
    """Print LETTER: its event, and what does not fit the contract."""
    from portal.dead_letters import show as read  # noqa: PLC0415

    found, flaws = run(read(service, where, letter))
    click.echo(f"{found.id}: {found.type}, cause {found.cause}")
    tries = "1 attempt" if found.attempts == 1 else f"{found.attempts} attempts"
    click.echo(f"parked at {found.parked_at:%Y-%m-%d %H:%M:%S} after {tries}")
    click.echo(found.reason)
    for flaw in flaws:
        click.echo(f"does not fit: {flaw}")
    event = found.event
    click.echo(event.model_dump_json(indent=2, exclude_none=True) if event else found.text)


@dead_letters.command()
@_service
@_ids
@_selecting
@_dry_run
@actor_option
@somewhere
def replay(
    where: "Where",
    /,
    service: str,
    ids: tuple[str, ...],
    *,
    dry_run: bool,
    actor: str,
    **which: str | None,
) -> None:
    """Have letters tried again, by IDS or by what they have in common. Twice does no harm.

    Ends with 1 where a letter is gone, or does not fit its contract and stays.
    """
    from portal.dead_letters import replay as act  # noqa: PLC0415

    chosen = _chosen(ids, **which)
    _report(run(act(service, where, chosen, actor=actor, dry_run=dry_run)), dry_run=dry_run)


@dead_letters.command()
@_service
@_ids
@_selecting
@_dry_run
@actor_option
@somewhere
def drop(
    where: "Where",
    /,
    service: str,
    ids: tuple[str, ...],
    *,
    dry_run: bool,
    actor: str,
    **which: str | None,
) -> None:
    """Delete letters for good, by IDS or by what they have in common."""
    from portal.dead_letters import drop as act  # noqa: PLC0415

    chosen = _chosen(ids, **which)
    _report(run(act(service, where, chosen, actor=actor, dry_run=dry_run)), dry_run=dry_run)


@dead_letters.command()
@_service
@click.argument("letter")
@click.option(
    "--data", type=click.File(), help="File with the new body, `-` for standard input; else EDITOR."
)
@actor_option
@somewhere
def edit(where: "Where", service: str, letter: str, data: IO[str] | None, actor: str) -> None:
    """Give the event of LETTER another body, in JSON. It must fit the contract of its type."""
    from portal.dead_letters import edit as act  # noqa: PLC0415
    from portal.dead_letters import show as read  # noqa: PLC0415

    found, _ = run(read(service, where, letter))
    said: str | None
    if data is not None:
        said = data.read()
    else:
        body = found.event.data if found.event else {}
        said = click.edit(json.dumps(body, indent=2, ensure_ascii=False) + "\n", extension=".json")
    if said is None:
        click.echo("Nothing changed.")
        return
    try:
        body = json.loads(said)
    except ValueError as error:
        raise click.ClickException(f"This is no JSON: {error}") from error
    run(act(service, where, letter, body, found.version, actor=actor))
    click.echo("Changed; replay it to have it tried again.")


def _selection(ids: tuple[str, ...], **which: str | None) -> "Selection":
    from shared.dead_letters import Selection  # noqa: PLC0415

    return Selection(ids or None, which["tenant"], which["type"], which["cause"])


def _chosen(ids: tuple[str, ...], **which: str | None) -> "Selection":
    chosen = _selection(ids, **which)
    if chosen.is_everything or (ids and any(which.values())):
        raise click.UsageError("Say which letters: IDS, or --tenant, --type and --cause.")
    return chosen


def _report(done: "Done", *, dry_run: bool) -> None:
    """Say what has become of each; it is a failure where that can't be what was meant."""
    from shared.dead_letter_desk import Outcome  # noqa: PLC0415

    for key, outcome in done.outcomes.items():
        click.echo(f"{key}: {_OUTCOMES.get(outcome, outcome)}{' (dry run)' if dry_run else ''}")
    if done.left and not dry_run:
        click.echo(f"{done.left} more have come meanwhile")
    if not done.outcomes:
        click.echo("There is no such letter.")
    if {Outcome.UNFIT, Outcome.GONE} & set(done.outcomes.values()):
        sys.exit(1)
