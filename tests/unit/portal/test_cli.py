"""What `portal` says of its commands before any of them runs."""

from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from portal.cli import main


def paths(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    yield path
    if isinstance(command, click.Group):
        for name, child in command.commands.items():
            yield from paths(child, (*path, name))


@pytest.mark.parametrize("path", [*paths(main)], ids=lambda path: "-".join(path) or "portal")
def test_every_command_explains_itself_without_a_portal_and_in_whole_sentences(
    path: tuple[str, ...],
) -> None:
    told = CliRunner(env={"MONGO_URL": ""}).invoke(main, [*path, "--help"])

    assert told.exit_code == 0, told.output
    assert told.output.startswith("Usage: ")
    assert "..." not in told.output.partition("Commands:")[2], "cut off in the middle"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["keys", "/dev/null/keys"], "Keys can't be kept in /dev/null/keys: Not a directory."),
        (
            ["verify-isolation", "--report", "/dev/null/report.json"],
            "No report can be written to /dev/null/report.json.",
        ),
    ],
    ids=["keys", "verify-isolation"],
)
def test_where_nothing_can_be_written_a_command_says_so_in_a_sentence(
    arguments: list[str], sentence: str
) -> None:
    told = CliRunner().invoke(main, arguments)

    assert (told.exit_code, told.output) == (1, f"Error: {sentence}\n")
