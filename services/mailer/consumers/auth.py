"""Events of auth that somebody gets a mail about."""

from collections.abc import Mapping
from datetime import datetime
from typing import TypeVar

from services.mailer.actions.queue_mail import Order, SealedLink, queue_mail
from services.mailer.deps import Deps
from services.mailer.domain.templates import Template
from shared.contracts.auth import (
    AccountDeleted,
    AccountEmailChanged,
    AccountInvited,
    AccountRecorded,
    NewDeviceUsed,
    PasskeyRegistered,
    PasskeyRemoved,
    PasskeySuspected,
    PasswordChanged,
    PasswordResetReferred,
    PasswordResetRequested,
    RecoveryCodesReplaced,
    RecoveryCodeUsed,
    TotpActivated,
    TotpDeadlineAnnounced,
    TotpRemoved,
    TotpResetAsked,
)
from shared.inbox import Received
from shared.outbox import Transaction

L = TypeVar("L", bound=AccountInvited | PasswordResetRequested)
N = TypeVar(
    "N",
    bound=AccountEmailChanged
    | AccountInvited
    | NewDeviceUsed
    | PasskeyRegistered
    | PasskeyRemoved
    | PasskeySuspected
    | PasswordChanged
    | PasswordResetReferred
    | PasswordResetRequested
    | RecoveryCodesReplaced
    | RecoveryCodeUsed
    | TotpActivated
    | TotpDeadlineAnnounced
    | TotpRemoved
    | TotpResetAsked,
)


async def account_deleted(deps: Deps, event: Received[AccountDeleted], tx: Transaction) -> None:
    await deps.contacts.forget(event.body.account_id, event.sequence, tx)


async def account_email_changed(
    deps: Deps, event: Received[AccountEmailChanged], tx: Transaction
) -> None:
    """To the former address: whoever reads it should know, above all if it was not they."""
    order = _order(event, Template.EMAIL_CHANGED, happened_at=event.body.changed_at)
    await queue_mail(deps, order, tx)


async def account_invited(deps: Deps, event: Received[AccountInvited], tx: Transaction) -> None:
    invited = event.body
    words = {"org_name": invited.org_name, "display_name": invited.display_name}
    await queue_mail(deps, _order(event, Template.INVITATION, words=words, link=_link(event)), tx)


async def new_device_used(deps: Deps, event: Received[NewDeviceUsed], tx: Transaction) -> None:
    used = event.body
    words = {"device": ", ".join(filter(None, (used.browser, used.system)))}
    order = _order(event, Template.NEW_DEVICE, words=words, happened_at=used.used_at)
    await queue_mail(deps, order, tx)


async def account_recorded(deps: Deps, event: Received[AccountRecorded], tx: Transaction) -> None:
    await deps.contacts.note(event.body, event.sequence, tx)


async def passkey_registered(
    deps: Deps, event: Received[PasskeyRegistered], tx: Transaction
) -> None:
    registered = event.body
    words = {"passkey": registered.name}
    order = _order(
        event, Template.PASSKEY_REGISTERED, words=words, happened_at=registered.registered_at
    )
    await queue_mail(deps, order, tx)


async def passkey_removed(deps: Deps, event: Received[PasskeyRemoved], tx: Transaction) -> None:
    """Where all factors were taken off, one mail about that is enough."""
    removed = event.body
    if removed.reason is not None:
        return
    words = {"passkey": removed.name, "is_last": str(int(removed.is_last_factor))}
    order = _order(event, Template.PASSKEY_REMOVED, words=words, happened_at=removed.removed_at)
    await queue_mail(deps, order, tx)


async def passkey_suspected(deps: Deps, event: Received[PasskeySuspected], tx: Transaction) -> None:
    suspected = event.body
    words = {"passkey": suspected.name}
    order = _order(
        event, Template.PASSKEY_SUSPECTED, words=words, happened_at=suspected.suspected_at
    )
    await queue_mail(deps, order, tx)


async def password_changed(deps: Deps, event: Received[PasswordChanged], tx: Transaction) -> None:
    order = _order(event, Template.PASSWORD_CHANGED, happened_at=event.body.changed_at)
    await queue_mail(deps, order, tx)


async def password_reset_referred(
    deps: Deps, event: Received[PasswordResetReferred], tx: Transaction
) -> None:
    await queue_mail(deps, _order(event, Template.PASSWORD_RESET_ELSEWHERE), tx)


async def password_reset_requested(
    deps: Deps, event: Received[PasswordResetRequested], tx: Transaction
) -> None:
    await queue_mail(deps, _order(event, Template.PASSWORD_RESET, link=_link(event)), tx)


async def recovery_codes_replaced(
    deps: Deps, event: Received[RecoveryCodesReplaced], tx: Transaction
) -> None:
    replaced_at = event.body.replaced_at
    order = _order(event, Template.RECOVERY_CODES_REPLACED, happened_at=replaced_at)
    await queue_mail(deps, order, tx)


async def recovery_code_used(
    deps: Deps, event: Received[RecoveryCodeUsed], tx: Transaction
) -> None:
    used = event.body
    words = {"codes_left": str(used.codes_left)}
    order = _order(event, Template.RECOVERY_CODE_USED, words=words, happened_at=used.used_at)
    await queue_mail(deps, order, tx)


async def totp_activated(deps: Deps, event: Received[TotpActivated], tx: Transaction) -> None:
    order = _order(event, Template.TOTP_ACTIVATED, happened_at=event.body.activated_at)
    await queue_mail(deps, order, tx)


async def totp_deadline_announced(
    deps: Deps, event: Received[TotpDeadlineAnnounced], tx: Transaction
) -> None:
    order = _order(event, Template.TOTP_DEADLINE, happened_at=event.body.deadline)
    await queue_mail(deps, order, tx)


async def totp_removed(deps: Deps, event: Received[TotpRemoved], tx: Transaction) -> None:
    words = {"passkeys_left": str(event.body.passkeys_left)}
    removed_at = event.body.removed_at
    order = _order(event, Template.TOTP_REMOVED, words=words, happened_at=removed_at)
    await queue_mail(deps, order, tx)


async def totp_reset_asked(deps: Deps, event: Received[TotpResetAsked], tx: Transaction) -> None:
    """Where it doesn't wait, the link most likely says that it has happened, and what to do."""
    asked, words = event.body, {"reason": event.body.reason}
    if asked.sealed_token is None:  # of a version that had no link without a wait
        return
    if asked.due_at > asked.asked_at:
        link = SealedLink(asked.sealed_token, event.envelope.time, asked.due_at)
        order = _order(event, Template.TOTP_RESET_ASKED, words=words, link=link)
    else:
        link = SealedLink(asked.sealed_token, event.envelope.time, None)
        at, template = asked.asked_at, Template.TOTP_RESET_AT_ONCE
        order = _order(event, template, words=words, happened_at=at, link=link)
    await queue_mail(deps, order, tx)


def _order(
    event: Received[N],
    template: Template,
    *,
    words: Mapping[str, str] | None = None,
    happened_at: datetime | None = None,
    link: SealedLink | None = None,
) -> Order:
    """A mail to the account that the event is about."""
    about = event.body
    return Order(
        cause_id=event.envelope.id,
        template=template,
        locale=about.locale,
        account_id=about.account_id,
        recipient=about.email,
        words={"org": about.org, "username": about.username, **(words or {})},
        happened_at=happened_at,
        link=link,
    )


def _link(event: Received[L]) -> SealedLink:
    return SealedLink(event.body.sealed_token, event.envelope.time, event.body.expires_at)
