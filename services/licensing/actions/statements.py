"""Stating each month for each reseller once it is over, and reading what was stated."""

from collections.abc import AsyncIterator

import structlog

from services.licensing.deps import Deps
from services.licensing.domain.months import ends_at, last_day, month_before, month_of, months
from services.licensing.domain.products import LicenceModel
from services.licensing.domain.resellers import KnownReseller
from services.licensing.domain.statements import (
    SETTLING,
    Account,
    FileKind,
    Line,
    Made,
    MonthNotOverError,
    SignedFile,
    Statement,
    account,
    line,
)
from services.licensing.domain.terms import today
from shared.errors import ForbiddenError, NotFoundError
from shared.mongo.errors import DuplicateKeyError
from shared.outbox import Transaction
from shared.sweeps import Sweep

log = structlog.get_logger()


async def make_statements(deps: Deps) -> None:
    """State the months that are over and not stated yet.

    Replicas that do it at the same time come to the same, and the first one's stays.
    """
    last = month_before(deps.now() - SETTLING)
    done = await deps.statements.last_month()
    if done is not None and done >= last:
        return
    first_at = await deps.ledger.first_at()
    if first_at is None or first_at >= ends_at(last):
        await deps.statements.note_month(last)
        return
    measured = await deps.usage.last_day()
    if measured is None or measured < last_day(last):
        return
    sweep = Sweep()
    for month in months(done or month_of(today(first_at)), last):
        async for reseller in deps.resellers.all():
            with sweep.over(reseller.id):
                await _state(deps, reseller, month)
        if not sweep.failed:  # else the next pass begins with this month
            await deps.statements.note_month(month)


async def _state(deps: Deps, reseller: KnownReseller, month: str) -> None:
    if await deps.statements.has(reseller.id, month):
        return
    accounts = [each async for each in _accounts(deps, reseller.id, month)]
    if not accounts:
        return
    lines = [await _line(deps, each, reseller.name, month) for each in accounts]
    statement = Statement(
        reseller_id=reseller.id,
        reseller=reseller.name,
        month=month,
        made_at=deps.now(),
        lines=tuple(each for each in lines if each is not None),
    )
    filed = await deps.statement_files.filed(statement)

    async def act(transaction: Transaction) -> None:
        await deps.statements.add(filed, transaction.session)

    try:
        await deps.transact(act)
    except DuplicateKeyError:
        return
    log.info("statement_made", reseller_id=reseller.id, month=month, lines=len(statement.lines))


async def _accounts(deps: Deps, reseller_id: str, month: str) -> AsyncIterator[Account]:
    async for entries in deps.ledger.of_reseller(reseller_id, ends_at(month)):
        found = account(entries, reseller_id, month)
        if found is not None:
            yield found


async def _line(deps: Deps, known: Account, reseller: str, month: str) -> Line | None:
    licence = known.licence
    customer = await deps.tenants.customer(licence.tenant_id)
    used = []
    if licence.model is LicenceModel.MSP:
        used = await deps.usage.of_licence(licence.tenant_id, licence.id, month)
    return line(known, used, customer, reseller, month)


async def list_statements(deps: Deps, reseller_id: str, *, by: str) -> list[Made]:
    await _must_see_all(deps, by)
    return await deps.statements.of_reseller(reseller_id)


async def read_statement(
    deps: Deps, reseller_id: str, month: str, kind: FileKind, *, by: str
) -> SignedFile:
    """The statement as it was made; MonthNotOverError where that is still to come."""
    await _must_see_all(deps, by)
    found = await deps.statements.file(reseller_id, month, kind)
    if found is not None:
        return found
    done = await deps.statements.last_month()
    if done is None or month > done:
        raise MonthNotOverError
    raise NotFoundError


async def _must_see_all(deps: Deps, account_id: str) -> None:
    """A statement is signed as a whole and tells of every customer."""
    if await deps.limits.only(account_id) is not None:
        raise ForbiddenError
