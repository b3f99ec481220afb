"""The own account and its second factor."""

from typing import Any

from services.auth.actions import own_account, second_factor
from services.auth.actions.activation import Activating, by_enrolment
from services.auth.deps import Deps
from services.auth.domain.accounts import Account
from services.auth.domain.links import digest
from services.auth.handlers.bodies import (
    ActivatedAndSignedInView,
    ActivatedAndSignedInWithRefreshView,
    ConfirmAnswer,
    ConfirmBody,
    MeChanges,
    MeView,
    OfferView,
    RecoveryCodesView,
    TotpView,
)
from services.auth.handlers.sessions import cookies_of, signed_in_view, visitor_of
from shared.etags import etag, expected_version
from shared.models import Nothing
from shared.passes import ENROLMENT
from shared.routing import Call, Reply
from shared.tokens import ENROLMENT_HEADER


async def read(call: Call[Deps, Nothing, Nothing]) -> Reply[MeView]:
    """Read the own account."""
    return _view(await own_account.read_own(call.deps, call.caller.subject))


async def change(call: Call[Deps, MeChanges, Nothing]) -> Reply[MeView]:
    """Change the own name or language."""
    version = expected_version(call.header("If-Match"))
    changes = call.body.model_dump(exclude_none=True)
    return _view(await own_account.change_own(call.deps, call.caller.subject, version, changes))


async def offer_totp(call: Call[Deps, Nothing, Nothing]) -> Reply[OfferView]:
    """Start the activation of a second factor: a fresh secret, as text and as QR code."""
    offer = await second_factor.offer_totp(call.deps, await activating(call))
    return Reply(OfferView(secret=offer.secret, otpauth_uri=offer.otpauth_uri, qr_svg=offer.qr_svg))


async def confirm_totp(call: Call[Deps, ConfirmBody, Nothing]) -> Reply[ConfirmAnswer]:
    """Finish the activation of a second factor with the first code.

    Answers ten recovery codes, unless there are some with another factor, and, where a sign-in was
    waiting for this, the session.
    """
    by = await activating(call)
    done = await second_factor.confirm_totp(call.deps, by, call.body.code)
    if done.signed_in is None:
        return Reply(ConfirmAnswer(RecoveryCodesView(recovery_codes=done.recovery_codes)))
    tokens = signed_in_view(done.signed_in).model_dump()
    kind = (
        ActivatedAndSignedInWithRefreshView
        if done.signed_in.wants_body
        else ActivatedAndSignedInView
    )
    view = kind.model_validate({**tokens, "recovery_codes": done.recovery_codes})
    return Reply(ConfirmAnswer(view), cookies=cookies_of(done.signed_in))


async def remove_totp(call: Call[Deps, Nothing, Nothing]) -> Reply[Nothing]:
    """Give up the authenticator app, where another factor is left or none is compulsory."""
    account = await own_account.read_own(call.deps, call.caller.subject)
    await second_factor.remove_totp(call.deps, account)
    return Reply(status=204)


async def activating(call: Call[Deps, Any, Nothing]) -> Activating:
    """Whose second factor this is about: who is signed in, or who was sent here by the sign-in."""
    caller = call.caller
    if caller.session == ENROLMENT:
        token = call.header(ENROLMENT_HEADER) or ""
        account, wants_body = await by_enrolment(call.deps, token)
        session, within = None, digest(token)
    else:
        account, wants_body = await own_account.read_own(call.deps, caller.subject), False
        session = within = caller.session
    return Activating(
        account=account,
        session=session,
        bound_to=f"{account.id}:{within}",
        factor_at=caller.factor_at,
        visitor=visitor_of(call),
        wants_body=wants_body,
    )


def _view(account: Account) -> Reply[MeView]:
    totp = account.totp and TotpView(
        activated_at=account.totp.activated_at,
        recovery_codes_left=len(account.recovery_hashes),
    )
    view = MeView(
        id=account.id,
        org=account.org,
        username=account.username,
        email=account.email,
        display_name=account.display_name,
        locale=account.locale,
        roles=list(account.roles),
        label=account.label,
        totp=totp,
        passkeys=len(account.passkeys),
        recovery_codes_left=len(account.recovery_hashes),
        primary_user=account.is_primary,
    )
    return Reply(view, headers=etag(account.version))
