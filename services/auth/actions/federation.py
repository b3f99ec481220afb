"""Signing in, and showing a second factor again, with the account of the Reseller Portal.

An account is found by the issuer and subject that sync delivered, never by a mail address or a
name, and none is made here.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import timedelta
from secrets import token_urlsafe
from typing import Final

import structlog

from services.auth.actions.carry_session import live_session
from services.auth.actions.compulsion import write_deadline
from services.auth.actions.guessing import Guessing, Visitor
from services.auth.actions.log_in import GoElsewhere
from services.auth.actions.refusals import count_refusal
from services.auth.actions.start_session import SignedIn, start_session
from services.auth.clients.issuer import Issuer
from services.auth.clients.issuer_http import AnswerError, IssuerAwayError
from services.auth.deps import Deps
from services.auth.domain.accounts import Account
from services.auth.domain.federation import (
    BY_RESELLER_PORTAL,
    FederationOffError,
    FederationRefusedError,
    Flow,
    Identity,
)
from services.auth.domain.signing_in import Next, next_step
from services.auth.domain.throttle import Guess, Place, Scope
from shared.ids import VENDOR
from shared.keys import TokenError

log = structlog.get_logger()
_ISSUER_SECONDS: Final = 8.0
"""For all that is asked of the issuer in one request: below what the gateway waits for us."""


@dataclass(frozen=True)
class Begun:
    """Where to send the browser, and what it must bring back."""

    url: str
    sealed_flow: str


@dataclass(frozen=True)
class Answer:
    """What came back with the browser."""

    code: str | None
    state: str | None
    issuer: str | None
    sealed_flow: str | None


@dataclass(frozen=True)
class SteppedUp:
    """The session's holder has shown a second factor; the next access token says so."""


async def begin(deps: Deps, device_token: str | None) -> Begun:
    """Begin a sign-in; what comes as the device's cookie goes along if it is one."""
    known = device_token if deps.devices.read(device_token, deps.now()) else None
    return await _begin(deps, deps.policy.session_limits.absolute, known, None)


async def begin_step_up(deps: Deps, session_id: str) -> Begun:
    """Begin to show the second factor again, in a session of an account that lives over there."""
    issuer = issuer_of(deps)
    _, account = await live_session(deps, session_id)
    if account.issuer_subject is None or account.issuer_subject.issuer != issuer.client.issuer:
        raise FederationRefusedError
    return await _begin(deps, timedelta(0), None, session_id)


async def finish(
    deps: Deps, answer: Answer, visitor: Visitor
) -> SignedIn | GoElsewhere | SteppedUp:
    """End what was begun in this browser. Every refusal is the same; the log tells them apart."""
    issuer = issuer_of(deps)
    source = Place(Guess.ELSEWHERE, Scope.SOURCE, visitor.source, deps.policy.paces.source)
    if not await deps.attempts.are_open([source], deps.now()):
        async with _counting(deps, source):
            raise _refused("held back")
    try:
        return await _finish(deps, issuer, answer, visitor, source)
    except FederationRefusedError:
        await deps.attempts.failed([source], deps.now())
        raise


async def _begin(
    deps: Deps, max_age: timedelta, device_token: str | None, session_id: str | None
) -> Begun:
    issuer = issuer_of(deps)
    flow = Flow(
        state=token_urlsafe(32),
        nonce=token_urlsafe(32),
        verifier=token_urlsafe(48),
        begun_at=int(deps.now().timestamp()),
        max_age_seconds=int(max_age.total_seconds()),
        device_token=device_token,
        session_id=session_id,
    )
    async with asking():
        url = await issuer.authorization_url(flow, deps.now())
    return Begun(url, deps.vault.lock_flow(json.dumps(asdict(flow))))


async def _finish(
    deps: Deps, issuer: Issuer, answer: Answer, visitor: Visitor, source: Place
) -> SignedIn | GoElsewhere | SteppedUp:
    async with _counting(deps, source):
        flow = await _flow(deps, answer)
    if flow.session_id is not None:
        account, identity = await _whose(deps, issuer, answer, flow)
        return await _step_up(deps, flow.session_id, account, identity)
    async with _counting(deps, source):
        account, identity = await _whose(deps, issuer, answer, flow)
    known = Visitor(visitor.agent, visitor.source, flow.device_token)
    return await _sign_in(deps, account, identity, known)


@asynccontextmanager
async def _counting(deps: Deps, source: Place) -> AsyncIterator[None]:
    """Around what is refused as a sign-in; to show a factor again is none."""
    try:
        yield
    except FederationRefusedError as error:
        org = error.account.org if error.account else VENDOR
        await count_refusal(deps, org, error.account, BY_RESELLER_PORTAL, Guessing(source))
        raise


async def _whose(
    deps: Deps, issuer: Issuer, answer: Answer, flow: Flow
) -> tuple[Account, Identity]:
    """The account that the issuer has vouched for, if it may sign in."""
    async with asking():
        await issuer.check_sender(answer.issuer, deps.now())
        if answer.code is None:
            raise AnswerError("no code")
        identity = await issuer.redeem(answer.code, flow, deps.now())
    account = await deps.accounts.find_elsewhere(identity.issuer, identity.subject)
    if account is None or not account.may_sign_in:
        raise _refused("no account that may sign in", account)
    if not await deps.organisations.is_open(account.org):
        raise _refused("organisation closed", account)
    return account, identity


def issuer_of(deps: Deps) -> Issuer:
    if deps.issuer is None:
        raise FederationOffError
    return deps.issuer


async def _flow(deps: Deps, answer: Answer) -> Flow:
    """What this browser began and has not ended yet, if that is what came back."""
    try:
        flow = Flow(**json.loads(deps.vault.unlock_flow(answer.sealed_flow or "")))
    except TokenError as error:
        raise _refused("nothing was begun here") from error
    if answer.state is None or not flow.is_answered_by(answer.state, deps.now()):
        raise _refused("another state, or too late")
    if not await deps.spent.spend("state", flow.state, deps.now()):
        raise _refused("state used")
    return flow


@asynccontextmanager
async def asking() -> AsyncIterator[None]:
    """Around what is asked of the issuer: a limit on time, and one refusal for all it may say."""
    try:
        async with asyncio.timeout(_ISSUER_SECONDS):
            yield
    except TimeoutError as error:
        raise IssuerAwayError from error
    except AnswerError as error:
        raise _refused(str(error)) from error


async def _sign_in(
    deps: Deps, account: Account, identity: Identity, visitor: Visitor
) -> SignedIn | GoElsewhere:
    """A session; where a second factor is compulsory and none was shown, back to where it lives."""
    has_shown = deps.policy.factors.were_shown(identity)
    arrival = await deps.looks.at_arrival(account.org, account.id)
    if not has_shown:
        now, deadline = deps.now(), await write_deadline(deps, account, arrival.line)
        if next_step(account, now, deadline) is not Next.DONE:
            return GoElsewhere(deps.policy.reseller_portal_url)
    return await start_session(
        deps,
        account,
        visitor,
        amr=(BY_RESELLER_PORTAL, "mfa") if has_shown else (BY_RESELLER_PORTAL,),
        wants_body=False,
        factor_at=identity.signed_in_at if has_shown else None,
        arrival=arrival,
    )


async def _step_up(
    deps: Deps, session_id: str, account: Account, identity: Identity
) -> SteppedUp | GoElsewhere:
    if not deps.policy.factors.were_shown(identity):
        return GoElsewhere(deps.policy.reseller_portal_url)
    amr = (BY_RESELLER_PORTAL, "mfa")
    at = identity.signed_in_at
    if await deps.sessions.prove(session_id, account.id, at, amr) is None:
        raise _refused("no session of this account")
    return SteppedUp()


def _refused(why: str, account: Account | None = None) -> FederationRefusedError:
    log.info("reseller_portal_sign_in_refused", why=why)
    return FederationRefusedError(account)
