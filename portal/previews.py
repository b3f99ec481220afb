"""Every mail in every language with sample data, to look at before anybody gets one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import product
from typing import Final

from services.mailer.clients.renderer import Renderer
from services.mailer.domain.brands import PORTAL
from services.mailer.domain.licence_wording import deed, doer, rejection, term
from services.mailer.domain.sync_wording import rejected_because
from services.mailer.domain.templates import VALUES, Locale, Template
from services.mailer.domain.wording import moment, period, role_names, span, whole_day
from shared.access import Role

_AT: Final = datetime(2026, 3, 10, 12, tzinfo=UTC)
_URL: Final = "https://portal.example"
_TOKEN: Final = "Zk3v9Qm1x7Yw2Lr8Tn5Bc0Jd4Hs6PfGaUeXoIiKqMzE"  # noqa: S105 an example
_REASONS: Final = {
    Template.ORDER_REJECTED: {
        locale.value: rejection("reseller_not_authorised", locale) for locale in Locale
    },
    Template.SYNC_REJECTED: {
        locale.value: rejected_because("not_yours", locale) for locale in Locale
    },
    Template.ACCESS_REQUESTED: {"de": "Umzug auf neue Geräte", "en": "Move to new devices"},
    Template.TOTP_RESET_ASKED: {"de": "Telefon verloren", "en": "Phone lost"},
    Template.TOTP_RESET_AT_ONCE: {"de": "Telefon verloren", "en": "Phone lost"},
}
_ORGS: Final = {
    **dict.fromkeys((Template.SYNC_DRIFT, Template.SYNC_REJECTED), "vendor"),
    **dict.fromkeys(
        (
            Template.CUSTOMER_DELETED,
            Template.CUSTOMER_GAINED,
            Template.CUSTOMER_LOST,
            Template.ORDER_FULFILLED,
            Template.ORDER_REJECTED,
            Template.RESELLER_AUTHORISED,
            Template.RESELLER_RESUMED,
            Template.RESELLER_SUSPENDED,
            Template.RESELLER_TERMINATED,
            Template.WEBHOOK_ENDED,
            Template.WEBHOOK_FAILING,
        ),
        "100001.rsp",
    ),
}
"""Whose people get a mail, where that is not a customer."""
_LINKS: Final = {
    Template.INVITATION: "accept-invitation",
    Template.TOTP_RESET_ASKED: "stop-reset",
    Template.TOTP_RESET_AT_ONCE: "stop-reset",
}
_LIVES: Final = {
    Template.INVITATION: timedelta(days=7),
    Template.TOTP_RESET_ASKED: timedelta(days=1),
}
_ANY_REASON: Final = {"de": "Vertrag geändert", "en": "Contract changed"}


@dataclass(frozen=True)
class Preview:
    name: str
    """Template and language, as they stand in an address."""
    subject: str
    html: str
    text: str


@cache
def previews() -> Mapping[str, Preview]:
    """All of them, by name; the first call reads and compiles every template."""
    renderer = Renderer()
    found = {}
    for template, locale in product(Template, Locale):
        written = renderer.render(template, locale, sample(template, locale), PORTAL)
        name = f"{template.value}.{locale.value}"
        found[name] = Preview(name, written.subject, written.html, written.text)
    return found


def sample(template: Template, locale: Locale) -> dict[str, str]:
    """Made-up values for one mail; KeyError where a template wants a value that has no sample."""
    reason = _REASONS.get(template, _ANY_REASON)[locale.value]
    page = _LINKS.get(template, "reset-password")
    known = {
        **_words(locale),
        **_times(locale, _LIVES.get(template, timedelta(minutes=30))),
        "reason": reason,
        "org": _ORGS.get(template, "123456.sms"),
        "link": f"{_URL}/{page}?token={_TOKEN}",
    }
    return {name: known[name] for name in VALUES[template]}


def _words(locale: Locale) -> dict[str, str]:
    is_german = locale is Locale.DE
    done, effect = deed("renewed", locale)
    return {
        "codes_left": "2",
        "count": "12",
        "days_left": "14",
        "device": "Firefox, Windows",
        "display_name": "Erika Mustermann",
        "done": done,
        "done_by": doer("100001.rsp", locale),
        "duration": period("P30D", locale),
        "effect": effect,
        "former_seats": "80",
        "is_last": "1",
        "order_id": "0d6f5a3c1b2e4f7a8b9c0d1e2f3a4b5c",
        "org_name": "Müller & Söhne GmbH",
        "passkey": "Notebook von Erika" if is_german else "Erika's notebook",
        "passkeys_left": "1",
        "portal_url": _URL,
        "product_name": "Mobile Security",
        "record": "1234567.sms",
        "reseller_id": "100001.rsp",
        "reseller_portal_url": "https://reseller-portal.example",
        "roles": role_names((Role.RESELLER_ADMIN, Role.RESELLER_SUPPORT), locale),
        "seats": "100",
        "seats_used": "91",
        "share": "90",
        "tenant_id": "123456.sms",
        "tenant_name": "Müller & Söhne GmbH",
        "unsubscribe_url": f"{_URL}/unsubscribe?token={_TOKEN}",
        "username": "erika.mustermann",
        "webhook": "Warenwirtschaft" if is_german else "Inventory",
    }


def _times(locale: Locale, life: timedelta) -> dict[str, str]:
    return {
        "ends_on": whole_day(date(2026, 3, 24), locale),
        "former_term": term(date(2025, 3, 25), date(2026, 3, 24), locale),
        "happened_at": moment(_AT, locale),
        "term": term(date(2025, 3, 25), date(2027, 3, 24), locale),
        "valid_for": span(life, locale),
        "valid_until": moment(_AT + life, locale),
    }
