"""The `portal` command: run the portal on this machine, fill it with a demo world, make keys."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Final

import click
import pyotp
import uvloop
from pydantic_settings import BaseSettings, SettingsConfigDict

from portal.console import Console, account_table
from portal.dead_letter_commands import dead_letters
from portal.demo.world import accounts as demo_accounts
from portal.isolation.command import verify_isolation
from portal.keyring import make_keys
from portal.somewhere import data_dir_option
from portal.sync_commands import sync
from shared.logs import configure_logging
from shared.settings import SettingsError, read_settings

_PORT: Final = click.IntRange(0, 65535)


class _Demo(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="PORTAL_", extra="ignore")

    demo: bool = False


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """The Mobile Security Portal."""
    configure_logging(level="WARNING")  # what a command has to say goes to standard output alone


@main.command()
@click.option("--port", type=_PORT, default=8080, show_default=True, help="Port of the portal.")
@click.option(
    "--mail-port", type=_PORT, default=8025, show_default=True, help="Port of the mail catcher."
)
@click.option(
    "--data-dir",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(".data"),
    show_default=True,
    help="Folder in which everything is kept.",
)
def up(port: int, mail_port: int, data_dir: Path) -> None:
    """Run the whole portal in one process on this machine."""
    from portal.embedded import Options, PortTakenError  # noqa: PLC0415 needs what only embedded mode installs
    from portal.embedded import up as run  # noqa: PLC0415
    from portal.mongod import MongodFailedError, MongodMissingError  # noqa: PLC0415
    from shared.mongo.errors import StoreAwayError  # noqa: PLC0415

    try:
        sys.exit(uvloop.run(run(Options(port, mail_port, data_dir), Console())))
    except SettingsError as error:
        raise click.ClickException(f"Settings are missing or wrong:\n{error}") from error
    except (PortTakenError, MongodMissingError, MongodFailedError, StoreAwayError) as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(f"The portal can't start: {error}") from error


@main.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def keys(folder: Path) -> None:
    """Make the keys of a new portal in FOLDER.

    There is a folder per service then. Keys that exist are kept.
    """
    try:
        made = make_keys(folder)
    except OSError as error:
        why = f"Keys can't be kept in {folder}: {error.strerror}."
        raise click.ClickException(why) from error
    click.echo(f"Keys made in {folder}." if made else f"{folder} has keys already; they are kept.")


@main.group()
def demo() -> None:
    """Organisations and accounts to try the portal with."""


@demo.command("accounts")
@click.option("--json", "as_json", is_flag=True, help="Print them for programs, with TOTP secrets.")
def list_accounts(*, as_json: bool) -> None:
    """Print the demo logins."""
    if not as_json:
        click.echo(account_table())
        return
    known = [
        {
            "org": account.org,
            "username": account.username,
            "password": account.password,
            "totp_secret": account.totp_secret,
            "roles": list(account.roles),
        }
        for account in demo_accounts()
    ]
    click.echo(json.dumps(known, indent=2))


@demo.command()
@click.argument("tenant_domain")
@click.argument("user_name")
def code(tenant_domain: str, user_name: str) -> None:
    """Print what a demo account's authenticator app shows now."""
    for account in demo_accounts():
        if (account.org, account.username) == (tenant_domain, user_name):
            if account.totp_secret is None:
                raise click.ClickException("This account has no second factor yet.")
            click.echo(pyotp.TOTP(account.totp_secret).now())
            return
    raise click.ClickException("There is no such demo account; see `portal demo accounts`.")


@demo.command("seed")
def seed_world() -> None:
    """Add the demo world to the portal that the settings name.

    Its passwords are public, so this needs PORTAL_DEMO=1.
    """
    if not _Demo().demo:
        raise click.ClickException(
            "The demo world has public passwords. Set PORTAL_DEMO=1 if this portal is one to try."
        )
    from portal.demo.seed import (  # noqa: PLC0415 the services are only needed here
        LicensingSeedSettings,
        SeedSettings,
        TenancySeedSettings,
        seed,
    )
    from services.auth.settings import AuthSettings  # noqa: PLC0415
    from shared.service import rabbit  # noqa: PLC0415

    try:
        auth = read_settings(AuthSettings)
        settings = SeedSettings(
            auth, read_settings(TenancySeedSettings), read_settings(LicensingSeedSettings)
        )
    except SettingsError as error:
        raise click.ClickException(f"Settings are missing or wrong:\n{error}") from error
    added = asyncio.run(seed(settings, rabbit(auth.amqp_url)))
    click.echo(f"The demo world is in place ({added} accounts added).")


@main.group()
def accounts() -> None:
    """Accounts that the portal itself can't make."""


@accounts.command("create-vendor-admin")
@click.option("--username", required=True, help="User name of the administrator.")
@click.option("--email", required=True, help="Where the invitation goes.")
@click.option("--name", help="Name of the person; else the user name.")
@click.option(
    "--locale", type=click.Choice(["de", "en"]), default="de", show_default=True, help="Language."
)
@click.option("--print-link", is_flag=True, help="Print the invitation's link and send no mail.")
def create_vendor_admin(
    username: str, email: str, name: str | None, locale: str, *, print_link: bool
) -> None:
    """Invite the first administrator of a new portal.

    All others are invited in the portal (POST /v1/vendor/users). Who was invited and has not
    accepted yet is invited again. Needs the settings of auth.
    """
    from portal.first_account import FirstAccount, create  # noqa: PLC0415 auth is only needed here
    from services.auth.settings import AuthSettings  # noqa: PLC0415
    from shared.errors import DomainError  # noqa: PLC0415

    try:
        wanted = FirstAccount.of(username=username, email=email, name=name, locale=locale)
        settings = read_settings(AuthSettings)
        link = asyncio.run(create(settings, wanted, by_mail=not print_link))
    except SettingsError as error:
        raise click.ClickException(f"Settings are missing or wrong:\n{error}") from error
    except (DomainError, ValueError) as error:
        raise click.ClickException(str(error)) from error
    if print_link:
        click.echo(link)
    else:
        click.echo(f"The invitation is on its way to {email}.")


@main.group()
@data_dir_option
@click.pass_context
def activity(context: click.Context, data_dir: Path) -> None:
    """The record of what happened: is it as it was written?"""
    context.obj = data_dir


@activity.command("verify")
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--keys",
    "keys_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Public keys for FILES (what /v1/activity/keys answers); else the settings' own.",
)
@click.option(
    "--heads",
    "heads_file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where the ends of the chains are kept between runs; keep it away from the database.",
)
@click.pass_obj
def verify_activity(
    data_dir: Path, files: tuple[Path, ...], keys_file: Path | None, heads_file: Path | None
) -> None:
    """Look for rows that were altered, deleted, moved or cut off.

    Without FILES all chains of the portal that tenancy's settings name, or that `portal up` runs on
    the data folder; else the parts of one exported chain (JSON lines) in their order. Ends with 1
    where something does not fit.
    """
    from portal.activity import settings_of, verify_files, verify_portal  # noqa: PLC0415 tenancy is only needed here
    from shared.keys import Keys  # noqa: PLC0415

    try:
        if files and keys_file:
            verdicts = verify_files(files, Keys.parse(keys_file.read_text()))
        else:
            settings = settings_of(data_dir)
            own = Keys.parse(settings.activity_keys.get_secret_value())
            verdicts = verify_files(files, own) if files else verify_portal(settings, heads_file)
    except SettingsError as error:
        raise click.ClickException(f"Settings are missing or wrong:\n{error}") from error
    except ValueError as error:
        raise click.ClickException(f"{keys_file} has no keys in it.") from error
    for verdict in verdicts:
        kept = f"rows {verdict.head.cut_sequence + 1} to {verdict.head.sequence}"
        click.echo(f"{verdict.chain}: {kept}, {'BROKEN' if verdict.flaws else 'whole'}")
        for flaw in verdict.flaws[:20]:
            click.echo(f"  {flaw}")
    if any(verdict.flaws for verdict in verdicts):
        sys.exit(1)


@main.group()
def mails() -> None:
    """Mails that the portal has sent."""


@mails.command()
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
def bounce(files: tuple[Path, ...]) -> None:
    """Take in returned mails: FILES are messages or mailboxes (mbox).

    Needs the settings of mailer. An address that was refused for good gets no
    more mails; see /v1/vendor/suppressions.
    """
    from portal.returned_mails import messages_in, take_in  # noqa: PLC0415 the mailer is only needed here
    from services.mailer.settings import MailerSettings  # noqa: PLC0415

    messages = [message for file in files for message in messages_in(file)]
    try:
        reports, taken = asyncio.run(take_in(read_settings(MailerSettings), messages))
    except SettingsError as error:
        raise click.ClickException(f"Settings are missing or wrong:\n{error}") from error
    click.echo(f"{len(messages)} messages, {reports} reports, {taken} addresses suppressed.")


main.add_command(dead_letters)
main.add_command(sync)
main.add_command(verify_isolation)

if __name__ == "__main__":
    main()
