"""Who hears of which change."""

import pytest

from services.gateway.domain.changes import may_hear
from shared.access import READS, Permission

READ_WITH = {
    "licence.created": Permission.LICENCE_READ,
    "licence_order.placed": Permission.LICENCE_READ,
    "device.activated": Permission.DEVICE_READ,
    "tenant.edited": Permission.TENANT_READ,
    "delegation.changed": Permission.TENANT_READ,
    "reseller.changed": Permission.RESELLER_READ,
    "account.invited": Permission.USER_READ,
    "totp_reset.asked": Permission.USER_READ,
}
IN_THE_ACTIVITY = ("session.started", "sign_in.refused", "api_key.created", "dead_letter.edited")


@pytest.mark.parametrize("change", READ_WITH)
def test_a_change_is_heard_of_by_whoever_reads_its_kind(change: str) -> None:
    others = READS - {READ_WITH[change], Permission.ACTIVITY_READ}

    assert may_hear({READ_WITH[change]}, change)
    assert not may_hear(others, change)


@pytest.mark.parametrize("change", [*READ_WITH, *IN_THE_ACTIVITY, "something.new"])
def test_whoever_reads_the_activity_hears_of_everything(change: str) -> None:
    assert may_hear({Permission.ACTIVITY_READ}, change)


@pytest.mark.parametrize("change", [*IN_THE_ACTIVITY, "something.new", ""])
def test_what_nobody_has_thought_of_is_in_the_activity_alone(change: str) -> None:
    assert not may_hear(READS - {Permission.ACTIVITY_READ}, change)


def test_to_manage_is_not_to_read() -> None:
    assert not may_hear({Permission.LICENCE_MANAGE, Permission.USER_MANAGE}, "licence.created")
