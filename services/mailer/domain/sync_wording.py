"""How it reads in a mail why messages of the Reseller Portal are rejected, in its language."""

from collections.abc import Mapping
from typing import Final

from services.mailer.domain.templates import Locale

_REASONS: Final[Mapping[str, tuple[str, str]]] = {
    "conflict": (
        "Was hier inzwischen gilt, lässt es nicht zu",
        "What holds here by now does not allow it",
    ),
    "does_not_fit_its_contract": (
        "Felder der Nachricht fehlen oder sind nicht, wie sie sein sollen",
        "Fields of the message are missing or not as they should be",
    ),
    "failed": (
        "Beim Übernehmen gab es wiederholt einen Fehler",
        "It failed repeatedly while it was applied",
    ),
    "not_own_tenant": (
        "Lizenzen für den eigenen Bedarf gibt es nur für den eigenen Mandanten",
        "Licences for own use are for the company's own tenant only",
    ),
    "not_yours": (
        "Der Datensatz gehört einem anderen Unternehmen, ist hier angelegt oder gelöscht",
        "The record is another company's, was made here, or is deleted",
    ),
    "quota_exceeded": (
        "Das Kontingent des Unternehmens reicht nicht aus",
        "The company's quota does not suffice",
    ),
    "reseller_may_not_order": (
        "Das Unternehmen ist nicht als Reseller freigeschaltet",
        "The company is not authorised as a reseller",
    ),
    "trial_used": (
        "Der Kunde hatte schon eine Testlizenz dieses Produkts",
        "The customer has had a trial of this product already",
    ),
    "unknown_company": (
        "Das Unternehmen ist hier nicht bekannt",
        "The company is not known here",
    ),
    "unknown_customer": (
        "Das Unternehmen hat hier keinen solchen Kunden",
        "The company has no such customer here",
    ),
    "unknown_product": (
        "Dieses Produkt gibt es hier nicht",
        "There is no such product here",
    ),
    "unknown_type": (
        "Nachrichten dieser Art gibt es nicht",
        "There is no such type of message",
    ),
    "unreadable": (
        "Die Nachricht ist nicht lesbar",
        "The message can't be read",
    ),
    "username_taken": (
        "Der Benutzername ist im Unternehmen schon vergeben",
        "The company has another account of this username",
    ),
}
_ANY: Final = ("Eine Regel des Portals lässt es nicht zu", "A rule of the portal does not allow it")


def rejected_because(code: str, locale: Locale) -> str:
    """A sentence that names the code too, as logs and commands know it by that."""
    german, english = _REASONS.get(code, _ANY)
    return f"{german if locale is Locale.DE else english} ({code})."
