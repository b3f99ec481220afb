"""Writing a mail for sending: only here, and only for as long as it takes, is its link open."""

from collections.abc import Iterator
from email.headerregistry import Address
from typing import Final

from services.mailer.clients.letter import LetterError, build, parse_address
from services.mailer.clients.renderer import RenderingError
from services.mailer.deps import Deps, Letterhead
from services.mailer.domain.brands import PORTAL, Branding
from services.mailer.domain.templates import OPTIONAL, VALUES, Template
from services.mailer.store.contacts import reader_of
from services.mailer.store.mails import Outgoing
from shared.keys import TokenError

_PATHS: Final = {
    Template.INVITATION: "accept-invitation",
    Template.PASSWORD_RESET: "reset-password",
    Template.TOTP_RESET_ASKED: "stop-reset",
    Template.TOTP_RESET_AT_ONCE: "stop-reset",
}


class UnwritableError(Exception):
    """A mail that can't be written, now or later; the text repeats none of its values."""


def write_letter(
    deps: Deps, outgoing: Outgoing, branding: Branding | None = None
) -> tuple[Address, bytes]:
    """The address that the mail goes to and the mail as it goes over the wire."""
    mail, letterhead = outgoing.mail, deps.letterhead
    sender_name = branding.sender_name if branding else None
    brand = branding.brand if branding else PORTAL
    try:
        values = {**mail.values, **dict(_places(deps, outgoing))}
        recipient = parse_address(mail.recipient)
        unsubscribing = _one_click(deps, outgoing) if mail.template in OPTIONAL else {}
        letter = build(
            deps.renderer.render(mail.template, mail.locale, values, brand),
            message_id=f"<{mail.id}@{letterhead.sender.domain}>",
            sender=_sender(letterhead, sender_name),
            recipient=recipient,
            date=mail.created_at,
            logo=branding.logo if branding else None,
            headers={"X-Request-Id": outgoing.request_id, **unsubscribing},
        )
    except (LetterError, RenderingError, TokenError) as error:
        raise UnwritableError(str(error)) from error
    return recipient, deps.dkim.sign(letter) if deps.dkim else letter


def _sender(letterhead: Letterhead, name: str | None) -> Address:
    """Always the same address, so that nobody's name can make a mail come from elsewhere."""
    own = letterhead.sender
    return parse_address(own.addr_spec, name) if name else own


def _one_click(deps: Deps, outgoing: Outgoing) -> dict[str, str]:
    """What lets a mail program do without such mails at one click (RFC 8058)."""
    address = f"{deps.letterhead.portal_url}/v1/mail/unsubscribe"
    return {
        "List-Unsubscribe": f"<{address}?token={_way_out(deps, outgoing)}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def _way_out(deps: Deps, outgoing: Outgoing) -> str:
    return deps.vault.unsubscribe_token(reader_of(outgoing.account_id, outgoing.mail.recipient))


def _places(deps: Deps, outgoing: Outgoing) -> Iterator[tuple[str, str]]:
    """The links that the mail shows: their host comes from the settings and from nowhere else."""
    template, letterhead = outgoing.mail.template, deps.letterhead
    yield "portal_url", letterhead.portal_url
    if "reseller_portal_url" in VALUES[template]:
        yield "reseller_portal_url", letterhead.reseller_portal_url
    if template in OPTIONAL:
        token = _way_out(deps, outgoing)
        yield "unsubscribe_url", f"{letterhead.portal_url}/unsubscribe?token={token}"
    if template in _PATHS and outgoing.sealed_token is not None:
        token = deps.vault.open_link_token(outgoing.account_id, outgoing.sealed_token)
        yield "link", f"{letterhead.portal_url}/{_PATHS[template]}?token={token}"
