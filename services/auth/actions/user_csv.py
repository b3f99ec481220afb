"""Taking users over from a CSV file, and giving them out as one."""

import asyncio
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import structlog
from pydantic import BaseModel, ValidationError

from services.auth.actions.email_domains import foreign_domains
from services.auth.actions.invite import (
    Invitation,
    NewUser,
    add_invited,
    an_invitation,
    invited_account,
)
from services.auth.actions.org_settings import locale_in
from services.auth.actions.primary_user import must_be_primary
from services.auth.deps import Deps
from services.auth.domain.accounts import Account, username_key
from services.auth.domain.user_csv import Row, header, read_csv, write_csv
from services.auth.domain.users import (
    FOREIGN_DOMAIN,
    GrantTooHighError,
    RoleOfAnotherPlaceError,
    UserFilter,
    UserManager,
    check_grant,
    domain_of,
    sorted_roles,
)
from shared.errors import ConflictError
from shared.fields import TypedComment, TypedEmail, TypedName, TypedUsername
from shared.mongo.errors import DuplicateKeyError
from shared.outbox import Transaction

log = structlog.get_logger()
_TRIES: Final = 3
_PAGE: Final = 1000


class Outcome(StrEnum):
    CREATED = "created"
    UNCHANGED = "unchanged"
    INVALID = "invalid"


@dataclass(frozen=True)
class RowFlaw:
    column: str
    code: str


@dataclass(frozen=True)
class RowResult:
    """What became of a row; in a dry run, what would."""

    line: int
    username: str
    outcome: Outcome
    flaws: tuple[RowFlaw, ...] = ()


class _Values(BaseModel):
    username: TypedUsername
    display_name: TypedName
    email: TypedEmail
    comment: TypedComment


async def import_users(
    deps: Deps, org: str, text: str, *, by: UserManager, dry_run: bool
) -> list[RowResult]:
    """Invite everybody in the file who is not a user yet, in one act: all of them or nobody.

    A row that can't be is told and left out; a file that can't be read is refused as a whole.
    NotPrimaryUserError at a reseller's unless its primary user does it.
    """
    await deps.transact(lambda tx: must_be_primary(deps, org, by, tx))
    rows = read_csv(text)
    locale = await locale_in(deps, org)
    for _ in range(_TRIES):
        results, users = await _judge(deps, org, rows, by.held, locale)
        if dry_run or not users:
            return results
        try:
            await _add(deps, org, users)
        except DuplicateKeyError:
            continue  # somebody was faster with one of the names, which the next look will show
        log.info("users_imported", org=org, count=len(users))
        return results
    raise ConflictError


async def export_users(deps: Deps, org: str) -> str:
    """All users, by user name."""
    parts, after = [header()], None
    while True:
        page = await deps.accounts.page(org, UserFilter(after=after), _PAGE)
        parts.append(write_csv(page))
        if len(page) < _PAGE:
            return "".join(parts)
        after = (username_key(page[-1].username),)


async def _judge(
    deps: Deps, org: str, rows: list[Row], held: AbstractSet[str], locale: str
) -> tuple[list[RowResult], list[NewUser]]:
    taken = await deps.accounts.taken_of(org, {username_key(row.username) for row in rows})
    foreign = await foreign_domains(deps, org, (row.email for row in rows))
    seen: set[str] = set()
    results, users = [], []
    for row in rows:
        key = username_key(row.username)
        flaws = _flaws(org, row, held)
        if domain_of(row.email) in foreign:
            flaws += (RowFlaw("email", FOREIGN_DOMAIN),)
        if key in seen:
            flaws += (RowFlaw("username", "username_repeated"),)
        seen.add(key)
        if flaws:
            outcome = Outcome.INVALID
        elif key in taken:
            outcome = Outcome.UNCHANGED
        else:
            outcome = Outcome.CREATED
            roles = sorted_roles(org, row.roles)
            users.append(
                NewUser(row.username, row.email, row.display_name, locale, roles, row.comment)
            )
        results.append(RowResult(row.line, row.username, outcome, flaws))
    return results, users


def _flaws(org: str, row: Row, held: AbstractSet[str]) -> tuple[RowFlaw, ...]:
    flaws = []
    try:
        _Values.model_validate(row, from_attributes=True)
    except ValidationError as error:
        told = [RowFlaw(_column(row, str(flaw["loc"][0])), flaw["type"]) for flaw in error.errors()]
        flaws = list(dict.fromkeys(told))
    try:
        check_grant(org, sorted_roles(org, row.roles), held)
    except RoleOfAnotherPlaceError:
        flaws.append(RowFlaw("roles", "unknown_role"))
    except GrantTooHighError as error:
        flaws.append(RowFlaw("roles", error.code))
    return tuple(flaws)


def _column(row: Row, field: str) -> str:
    """Where a value came from: without names a user is called by the user name."""
    if field != "display_name":
        return field
    return "username" if row.display_name == row.username else "firstname"


async def _add(deps: Deps, org: str, users: list[NewUser]) -> None:
    invited: list[tuple[Account, Invitation]] = []
    for user in users:
        account = invited_account(deps, org, user)
        invited.append((account, an_invitation(deps, account)))
        await asyncio.sleep(0)  # sealing takes a moment each; others come in between

    async def work(tx: Transaction) -> None:
        await add_invited(deps, invited, tx)

    await deps.transact(work)
