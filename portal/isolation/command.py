"""`portal verify-isolation`: the walk as a command, for people, CI and auditors."""

import asyncio
import os
import sys
from collections import Counter
from pathlib import Path
from typing import Final

import click
import uvloop

from portal.console import Console
from portal.isolation.report import Report, ReportError, check, write

_SHOWN: Final = 25


@click.command("verify-isolation")
@click.option(
    "--report",
    "report_file",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("isolation-report.json"),
    show_default=True,
    help="Where the signed report goes.",
)
@click.option("--only", default="", metavar="TEXT", help="Only operations with TEXT in their name.")
@click.option(
    "--check",
    "checked",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Walk through nothing; look whether this report is what was signed.",
)
@click.option("--thumbprint", help="With --check: of the key that must have signed it.")
def verify_isolation(
    report_file: Path, only: str, checked: Path | None, thumbprint: str | None
) -> None:
    """Prove that nobody sees what is not theirs.

    Starts a portal on scratch data whose organisations are marked, lets everybody ask for
    everything everywhere, and looks for the marks in answers, events, mails, metrics and logs.
    Ends with 1 where one is found, or where a refusal tells apart what must look alike.
    """
    if checked is not None:
        sys.exit(_told(checked, thumbprint))
    if not (report_file.parent.is_dir() and os.access(report_file.parent, os.W_OK)):
        raise click.ClickException(f"No report can be written to {report_file}.")
    report = uvloop.run(_walk(only))
    kid = write(report, report_file)
    _sum_up(report)
    click.echo(f"\n  Report  {report_file}\n  Key     {kid}")
    sys.exit(0 if report.is_clean else 1)


def _told(path: Path, thumbprint: str | None) -> int:
    try:
        told, kid = check(path, thumbprint)
    except ReportError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"As signed with the key {kid}: {told['requests']} requests at {told['begun_at']}.")
    click.echo("Nothing found." if told["is_clean"] else f"{len(told['findings'])} findings.")
    return 0 if told["is_clean"] else 1


async def _walk(only: str) -> Report:
    from portal.isolation.run import scratch, walk_through  # noqa: PLC0415 needs the services

    click.echo("Starting a portal to walk through …")
    async with scratch(Console()) as running:
        if not any(only in one.name for one in running.operations):
            raise click.ClickException(f"No operation has {only!r} in its name.")
        click.echo("Walking …")
        report = await walk_through(running, _Progress(), only)
        await asyncio.sleep(0)
    return report


class _Progress:
    """Says at each tenth of a phase how far it is."""

    def __init__(self) -> None:
        self._said: dict[str, int] = {}

    def __call__(self, phase: str, done: int, total: int) -> None:
        tenth = done * 10 // total
        if tenth > self._said.get(phase, 0):
            self._said[phase] = tenth
            if tenth % 5 == 0:
                click.echo(f"  {phase:<40} {done:>6} of {total}")


def _sum_up(report: Report) -> None:
    click.echo(f"\n{report.requests} requests in {report.seconds} s")
    for rule, number in report.checks.items():
        click.echo(f"  {rule:<48} {number:>7} times")
    for kind, number in report.reached.items():
        click.echo(f"  searched {kind:<39} {number:>7}")
    by_rule = Counter(finding.rule for finding in report.findings)
    for finding in report.findings[:_SHOWN]:
        click.secho(f"  ✗ {finding.rule}: {finding.who}, {finding.where}: {finding.what}", fg="red")
    for rule, number in by_rule.items():
        click.secho(f"  {number} times not: {rule}", fg="red")
    click.echo("Nothing found." if report.is_clean else f"{len(report.findings)} findings.")
