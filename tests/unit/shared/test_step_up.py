"""What needs a second factor that was shown a short while ago."""

from datetime import UTC, datetime, timedelta

import pytest

from services.auth.routes import ROUTES as AUTH
from shared.access import STEP_UP, Permission
from shared.problems import problem
from shared.step_up import ACR, StepUpError, must_be_fresh

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)


@pytest.mark.parametrize("minutes", [-1, 0, 5, 10])
def test_a_factor_of_the_last_ten_minutes_is_fresh(minutes: int) -> None:
    must_be_fresh(int((NOW - timedelta(minutes=minutes)).timestamp()), NOW)


@pytest.mark.parametrize(
    "shown_at",
    [
        None,
        int((NOW - timedelta(minutes=10, seconds=1)).timestamp()),
        0,
        int((NOW + timedelta(minutes=2)).timestamp()),
    ],
    ids=["never", "too old", "the beginning of time", "yet to come"],
)
def test_any_other_is_not(shown_at: int | None) -> None:
    with pytest.raises(StepUpError):
        must_be_fresh(shown_at, NOW)


def test_the_refusal_is_that_of_rfc_9470() -> None:
    refusal = problem(StepUpError(), "request-1")

    assert refusal.status == 401
    assert refusal.headers["WWW-Authenticate"] == (
        'Bearer realm="portal", error="insufficient_user_authentication", '
        f'acr_values="{ACR}", max_age="600"'
    )


def test_the_operations_that_need_it_are_marked() -> None:
    marked = {f"{route.method} {route.path}" for route in AUTH if route.step_up is True}

    assert {Permission.RESELLER_MANAGE, Permission.TENANT_TRANSFER} <= STEP_UP
    assert {
        "DELETE /v1/me/totp",
        "POST /v1/me/recovery-codes",
        "POST /v1/resellers/{rid}/users/{uid}/reset-totp",
        "POST /v1/tenants/{tid}/users/{uid}/reset-totp",
    } <= marked
    by_field = {f"{route.method} {route.path}": route.step_up for route in AUTH}
    assert by_field["PATCH /v1/tenants/{tid}/users/{uid}"] == ("roles",)
    assert by_field["PATCH /v1/resellers/{rid}/users/{uid}"] == ("roles",)
