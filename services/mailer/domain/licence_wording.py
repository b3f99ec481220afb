"""How licences read in a mail, in its language: what was done to them, and why there is none."""

from collections.abc import Mapping
from datetime import date
from typing import Final

from services.mailer.domain.templates import Locale
from services.mailer.domain.wording import whole_day
from shared.ids import VENDOR

_BELOW: Final = {Locale.DE: "Was jetzt gilt, steht unten.", Locale.EN: "What holds now is below."}
_ENDS: Final = {
    Locale.DE: "Sie endet damit für immer, spätestens mit dem letzten Tag der Laufzeit unten.",
    Locale.EN: "It ends for good, no later than on the last day of the term below.",
}
_GONE: Final = {
    Locale.DE: "Sie gilt ab sofort und für immer nicht mehr.",
    Locale.EN: "It is not valid any more, from now on and for good.",
}
_KEY: Final = {
    Locale.DE: "Ihr Lizenzschlüssel steht im Portal.",
    Locale.EN: "Its licence key is in the portal.",
}
_LEFT: Final = {
    Locale.DE: "Für Ihre Geräte gilt sie nicht mehr.",
    Locale.EN: "It is not valid for your devices any more.",
}
_WAITS: Final = {
    Locale.DE: "Sie gilt nicht, bis die Sperre aufgehoben wird; ihre Laufzeit läuft weiter.",
    Locale.EN: "It is not valid until it is resumed; its term runs on.",
}
_DONE: Final[Mapping[str, Mapping[Locale, str]]] = {
    "assigned": {Locale.DE: "neu zugeteilt", Locale.EN: "newly assigned"},
    "cancelled": {Locale.DE: "gekündigt", Locale.EN: "cancelled"},
    "converted": {Locale.DE: "aus der Testphase übernommen", Locale.EN: "converted from a trial"},
    "created": {Locale.DE: "erstellt", Locale.EN: "created"},
    "extended": {Locale.DE: "als Testlizenz verlängert", Locale.EN: "extended as a trial"},
    "renewed": {Locale.DE: "verlängert", Locale.EN: "renewed"},
    "resized": {Locale.DE: "angepasst", Locale.EN: "resized"},
    "resumed": {Locale.DE: "entsperrt", Locale.EN: "resumed"},
    "revoked": {Locale.DE: "widerrufen", Locale.EN: "revoked"},
    "suspended": {Locale.DE: "gesperrt", Locale.EN: "suspended"},
    "transferred": {
        Locale.DE: "einem anderen Kunden übertragen",
        Locale.EN: "transferred to another customer",
    },
}
_EFFECTS: Final = {
    "assigned": _KEY,
    "cancelled": _ENDS,
    "created": _KEY,
    "revoked": _GONE,
    "suspended": _WAITS,
    "transferred": _LEFT,
}
_CHANGED: Final = {Locale.DE: "geändert", Locale.EN: "changed"}

_UNLIMITED: Final = {Locale.DE: "unbegrenzt", Locale.EN: "unlimited"}
_VENDOR: Final = {Locale.DE: "Hersteller", Locale.EN: "the vendor"}
_PORTAL: Final = {Locale.DE: "Portal", Locale.EN: "the portal"}
_RULE: Final = {
    Locale.DE: "Eine Regel des Portals lässt es nicht zu ({}).",
    Locale.EN: "A rule of the portal does not allow it ({}).",
}
_REJECTIONS: Final[Mapping[str, Mapping[Locale, str]]] = {
    "not_own_tenant": {
        Locale.DE: "Lizenzen für den eigenen Bedarf gibt es nur für den einen eigenen Mandanten "
        "Ihres Unternehmens.",
        Locale.EN: "Licences for your own use are for your company's one own tenant only.",
    },
    "reseller_not_authorised": {
        Locale.DE: "Ihr Unternehmen ist zurzeit nicht als Reseller freigeschaltet.",
        Locale.EN: "Your company is not authorised as a reseller at present.",
    },
    "timed_out": {
        Locale.DE: "Die Bestellung konnte nicht rechtzeitig ausgeführt werden.",
        Locale.EN: "The order could not be carried out in time.",
    },
}


def deed(act: str, locale: Locale) -> tuple[str, str]:
    """What a licence "was", as in "was renewed", and a sentence on what that means.

    `transferred` is for the customer who had it, `assigned` for the one who has it now.
    """
    return _DONE.get(act, _CHANGED)[locale], _EFFECTS.get(act, _BELOW)[locale]


def given_to(tenant_id: str, name: str, locale: Locale) -> str:
    """What a transfer means to the reseller; neither customer reads of the other."""
    if locale is Locale.DE:
        return f"Sie gehört jetzt {name} ({tenant_id}) und hat einen neuen Lizenzschlüssel."
    return f"It now belongs to {name} ({tenant_id}) and has a new licence key."


def seats(count: int | None, locale: Locale) -> str:
    """A number of seats; None where there is no limit."""
    return _UNLIMITED[locale] if count is None else str(count)


def term(first: date, last: date | None, locale: Locale) -> str:
    """From a day to a day, both included; None for the last one of what is open-ended."""
    begin = whole_day(first, locale)
    if last is None:
        return (
            f"ab {begin}, bis sie gekündigt wird"
            if locale is Locale.DE
            else f"from {begin} until it is cancelled"
        )
    return f"{begin} {'bis' if locale is Locale.DE else 'to'} {whole_day(last, locale)}"


def doer(org: str | None, locale: Locale) -> str:
    """Which organisation has done something, never which of its people; None for nobody's doing."""
    if org is None:
        return _PORTAL[locale]
    return _VENDOR[locale] if org == VENDOR else org


def rejection(code: str, locale: Locale) -> str:
    """Why an order was rejected, in a sentence; with the code where we have none for it."""
    known = _REJECTIONS.get(code)
    return known[locale] if known else _RULE[locale].format(code)
