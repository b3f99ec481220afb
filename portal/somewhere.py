"""What commands on databases share: they are told which, and failures are said in words."""

import asyncio
from collections.abc import Callable, Coroutine
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click

T = TypeVar("T")
data_dir_option = click.option(
    "--data-dir",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(".data"),
    show_default=True,
    help="Folder of `portal up`; where MONGO_URL is set, that counts.",
)


def somewhere(command: Callable[..., None]) -> Callable[..., None]:
    """Tells the command which database; only now, so that help needs none."""

    @click.pass_obj
    @wraps(command)
    def found(data_dir: Path, /, *arguments: object, **options: object) -> None:
        from portal.where import NoDatabaseError, Where  # noqa: PLC0415 only needed here

        try:
            where = Where.of(data_dir)
        except NoDatabaseError as error:
            raise click.ClickException(str(error)) from error
        command(where, *arguments, **options)

    return found


def run(work: Coroutine[Any, Any, T]) -> T:
    from shared.errors import DomainError  # noqa: PLC0415

    try:
        return asyncio.run(work)
    except DomainError as error:
        flaws = "".join(f"\n  {flaw.pointer}: {flaw.detail}" for flaw in error.fields)
        raise click.ClickException(f"{error.detail}{flaws}") from error
    except TypeError as error:
        raise click.ClickException(str(error)) from error
