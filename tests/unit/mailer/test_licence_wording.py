"""What is told of licences reads as sentences in both languages, and as a code at worst."""

import pytest

from services.licensing.actions.stale_orders import TIMED_OUT
from services.licensing.domain.sales import NotOwnTenantError
from services.mailer.domain.licence_wording import rejection
from services.mailer.domain.templates import Locale
from services.tenancy.domain.resellers import ResellerNotAuthorisedError

EACH_LANGUAGE = pytest.mark.parametrize("locale", list(Locale))


@EACH_LANGUAGE
@pytest.mark.parametrize(
    "code", [NotOwnTenantError.code, ResellerNotAuthorisedError.code, TIMED_OUT]
)
def test_every_rejection_has_a_sentence(code: str, locale: Locale) -> None:
    said = rejection(code, locale)

    assert said.endswith(".")
    assert code not in said


@EACH_LANGUAGE
def test_a_rejection_that_is_not_known_is_told_by_its_code(locale: Locale) -> None:
    assert rejection("no_quota", locale) == "no_quota"
