"""What embedded mode decides for the services."""

import pytest

from portal.embedded import _Demo


def test_in_a_demo_nobody_waits_for_a_lost_factor_unless_told_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("PORTAL_TOTP_RESET_WAIT", raising=False)
    by_itself = _Demo().totp_reset_wait
    monkeypatch.setenv("PORTAL_TOTP_RESET_WAIT", "PT24H")

    assert by_itself.total_seconds() == 0
    assert _Demo().totp_reset_wait.total_seconds() == 24 * 3600
