"""Telling an account's owner of a sign-in from a device that it was never signed in from."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from services.auth.actions.guessing import Visitor
from services.auth.deps import Deps
from services.auth.domain.accounts import Account, addressee
from services.auth.domain.agents import agent_of
from services.auth.domain.sessions import Session
from services.auth.store.known_devices import KnownDevice
from shared.contracts.auth import NewDeviceUsed
from shared.outbox import Transaction

_SAME_VISIT: Final = timedelta(minutes=1)
"""A browser that signs in twice before it has its cookie is still one device."""
_WORTH_WRITING: Final = 0.01
"""By how much of its life a device's end must have moved."""


async def tell_of_new_device(
    deps: Deps,
    account: Account,
    session: Session,
    visitor: Visitor,
    known: Sequence[KnownDevice],
    *,
    wants_body: bool,
) -> None:
    """Publish the event, once per device and never at an account's first sign-in.

    A device is known by the token that its last sign-in left. A client without cookies that sends
    no token is known for as long by what it is and where it comes from.
    """
    now = session.started_at
    device = deps.devices.read(visitor.device_token, now)
    if device is not None and device.account_id == account.id:
        return
    agent = agent_of(visitor.agent)
    transport = "body" if wants_body else "cookie"
    marks = deps.devices.marks(
        account.id, transport, agent.browser or "", agent.system or "", visitor.source
    )
    life = deps.devices.life if wants_body else _SAME_VISIT
    until = now + life
    for one in known:
        if one.mark in marks and one.until > now:
            if until - one.until > life * _WORTH_WRITING:
                await deps.known_devices.keep(account.id, one.mark, until)
            return
    is_first = account.last_sign_in_at is None
    used = NewDeviceUsed(
        **addressee(account),
        session_id=session.id,
        used_at=now,
        browser=agent.browser,
        system=agent.system,
    )

    async def work(tx: Transaction) -> None:
        if await deps.known_devices.add(account.id, marks, now, until, tx) and not is_first:
            tx.publish(used, sequence=account.version)

    await deps.transact(work)
