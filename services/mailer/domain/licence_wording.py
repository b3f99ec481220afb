"""How licences read in a mail, in its language: why there is none."""

from collections.abc import Mapping
from typing import Final

from services.mailer.domain.templates import Locale

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


def rejection(code: str, locale: Locale) -> str:
    """Why an order was rejected, in a sentence; the code itself where we have none for it."""
    known = _REJECTIONS.get(code)
    return known[locale] if known else code
