"""Counting refused sign-ins, and telling whom they concern."""

from typing import Final

from services.auth.actions.guessing import Guessing
from services.auth.deps import Deps
from services.auth.domain.accounts import Account
from shared.contracts.auth import SignInRefused
from shared.ids import VENDOR
from shared.outbox import Transaction
from shared.sweeps import Sweep

_BATCH: Final = 200


async def count_refusal(
    deps: Deps, org: str, account: Account | None, method: str, where: Guessing
) -> None:
    """The same work for whoever it is: names of no account are counted together, and so are those
    of no organisation, at the vendor.
    """
    now, is_known = deps.now(), await deps.organisations.knows(org)
    held_back = not await deps.attempts.are_open([where.own], now)
    place = org if account or is_known else VENDOR
    account_id = account.id if account else None
    await deps.refusals.count(place, account_id, method, now, held_back=held_back)


async def tell_refusals(deps: Deps) -> None:
    """Tell what was counted in the stretches of time that are over."""
    sweep = Sweep()
    while due := await deps.refusals.due(deps.now(), _BATCH, sweep.failed):
        for refusals_id in due:
            with sweep.over(refusals_id):
                await _tell(deps, refusals_id)


async def _tell(deps: Deps, refusals_id: str) -> None:
    async def act(tx: Transaction) -> None:
        found = await deps.refusals.take(refusals_id, tx)
        if found is None:
            return  # another replica was here
        tx.publish(
            SignInRefused(
                whom=found.account_id or found.org,
                account_id=found.account_id,
                org=found.org,
                method=found.method,
                count=found.count,
                held_back=found.held_back,
                since=found.since,
            )
        )

    await deps.transact(act)
