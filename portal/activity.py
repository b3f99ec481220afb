"""`portal activity verify`: the chains of a running portal, or of files that it gave out."""

import asyncio
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import click

from portal.where import Where, is_of_portal
from services.tenancy.actions.verify_activity import Verdict, verify_activity
from services.tenancy.app import build
from services.tenancy.clients.notary import Notary
from services.tenancy.domain.chain import Head, Walk
from services.tenancy.settings import TenancySettings
from shared.bus import Hub
from shared.contracts.events import Service
from shared.keys import Keys, TokenError
from shared.service import foundation, in_process
from shared.settings import read_settings

_WHAT: Final = ("chain", "sequence", "hash", "cut_sequence", "cut_hash")


def settings_of(data_dir: Path) -> TenancySettings:
    """As the environment says; where it names no database, those of `portal up` on this folder."""
    if Where().mongo_url is not None or not is_of_portal(data_dir):
        return read_settings(TenancySettings)
    where = Where.of(data_dir)
    return TenancySettings(
        _secrets_dir=data_dir / "keys/tenancy",
        mongo_url=where.mongo_url,
        amqp_url="amqp://in-process/",
        database_prefix=where.database_prefix,
    )


def verify_portal(settings: TenancySettings, heads_file: Path | None) -> list[Verdict]:
    """Verify all chains of the portal that these settings name.

    `heads_file` has the heads that were seen last time; where all fits, they are written anew.
    """
    verdicts = asyncio.run(_verdicts(settings, _known(heads_file)))
    if heads_file is not None and not any(verdict.flaws for verdict in verdicts):
        heads = {one.chain: {n: getattr(one.head, n) for n in _WHAT} for one in verdicts}
        heads_file.write_text(json.dumps(heads, indent=1) + "\n")
    return verdicts


async def _verdicts(settings: TenancySettings, known: Mapping[str, Head]) -> list[Verdict]:
    async with foundation(Service.TENANCY, settings, in_process(Hub())) as base:
        deps = await build(base, settings)
        return [verdict async for verdict in verify_activity(deps, known)]


def _known(heads_file: Path | None) -> Mapping[str, Head]:
    if heads_file is None or not heads_file.exists():
        return {}
    try:
        told = json.loads(heads_file.read_text())
        return {chain: Head(**head) for chain, head in told.items()}
    except (ValueError, TypeError, AttributeError) as error:
        raise click.ClickException(f"{heads_file} has no heads in it.") from error


def verify_files(files: Iterable[Path], keys: Keys) -> list[Verdict]:
    """Verify exported JSON lines: the parts of one chain, in their order."""
    rows, statement = list[dict[str, Any]](), None
    for file in files:
        for row in _rows(file):
            if "head" in row:
                statement = str(row["head"])
            else:
                rows.append(row)
    chain = str(rows[0].get("chain")) if rows else "?"
    try:
        head = Notary(keys).read(statement or "", chain)
    except TokenError:
        return [Verdict(chain, Head(chain), ["its last line is no head signed by these keys"])]
    walk = Walk.of(head)
    flaws = [flaw for row in rows for flaw in walk.step(row)]
    return [Verdict(chain, head, [*flaws, *walk.end(head)])]


def _rows(file: Path) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(file.read_text().rstrip("\n").split("\n"), 1):
        try:
            row = json.loads(line)
        except ValueError as error:
            raise click.ClickException(f"{file}: line {number} is no JSON.") from error
        if not isinstance(row, dict):
            raise click.ClickException(f"{file}: line {number} is no row.")
        yield row
