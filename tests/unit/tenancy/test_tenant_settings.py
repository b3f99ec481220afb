"""What a tenant may decide for itself."""

from datetime import UTC, datetime, timedelta

import pytest

from services.tenancy.domain.tenant_settings import LaterThanAllError, TenantSettings

LATEST = datetime(2026, 5, 1, tzinfo=UTC)
NOTHING = TenantSettings("123456.sms")


@pytest.mark.parametrize("earlier", [timedelta(0), timedelta(seconds=1), timedelta(days=900)])
def test_a_tenant_may_be_as_early_as_it_likes(earlier: timedelta) -> None:
    changed = NOTHING.requiring_totp(LATEST - earlier, latest=LATEST)

    assert changed.totp_required_from == LATEST - earlier
    assert changed.version == 1


def test_a_tenant_may_not_be_later_than_the_vendor() -> None:
    with pytest.raises(LaterThanAllError) as refused:
        NOTHING.requiring_totp(LATEST + timedelta(seconds=1), latest=LATEST)

    assert refused.value.fields[0].code == "later_than_all"


def test_a_tenant_may_go_back_to_the_vendors_date() -> None:
    early = NOTHING.requiring_totp(LATEST - timedelta(days=1), latest=LATEST)

    back = early.requiring_totp(None, latest=LATEST)

    assert (back.totp_required_from, back.version) == (None, 2)


def test_what_changes_nothing_is_no_change() -> None:
    assert NOTHING.requiring_totp(None, latest=LATEST) is NOTHING
