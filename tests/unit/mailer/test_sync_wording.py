"""Why a message of the Reseller Portal was rejected reads as a sentence that names its code."""

import pytest

from services.auth.domain.users import UsernameTakenError
from services.licensing.domain.orders import UnknownCustomerError
from services.licensing.domain.products import UnknownProductError
from services.licensing.domain.quotas import QuotaExceededError
from services.licensing.domain.resellers import ResellerMayNotOrderError
from services.licensing.domain.sales import NotOwnTenantError, TrialUsedError
from services.mailer.domain.sync_wording import rejected_because
from services.mailer.domain.templates import Locale
from shared.errors import ConflictError
from shared.sync import ForeignRecordError

EACH_LANGUAGE = pytest.mark.parametrize("locale", list(Locale))
OF_RULES = [
    each.code
    for each in (
        ConflictError,
        ForeignRecordError,
        NotOwnTenantError,
        QuotaExceededError,
        ResellerMayNotOrderError,
        TrialUsedError,
        UnknownCustomerError,
        UnknownProductError,
        UsernameTakenError,
    )
]
OF_MESSAGES = [
    *("does_not_fit_its_contract", "failed", "unknown_company", "unknown_type", "unreadable")
]


@EACH_LANGUAGE
@pytest.mark.parametrize("code", [*OF_RULES, *OF_MESSAGES])
def test_every_reason_has_a_sentence_of_its_own(code: str, locale: Locale) -> None:
    said = rejected_because(code, locale)

    assert said.endswith(f" ({code}).")
    assert said.removesuffix(f" ({code}).") not in rejected_because("something_new", locale)


@EACH_LANGUAGE
def test_a_reason_that_is_not_known_is_a_sentence_all_the_same(locale: Locale) -> None:
    said = rejected_because("something_new", locale)

    assert said.endswith(" (something_new).")
    assert len(said.split()) > 4


def test_the_languages_differ() -> None:
    codes = [*OF_RULES, *OF_MESSAGES]

    assert not [
        code
        for code in codes
        if rejected_because(code, Locale.DE) == rejected_because(code, Locale.EN)
    ]
