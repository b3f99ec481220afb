"""An account as unit tests of its rules need one: what matters is said, the rest is as usual."""

from datetime import UTC, datetime
from typing import Any, Final

from services.auth.domain.accounts import Account, Status

_NOON: Final = datetime(2026, 3, 10, 12, tzinfo=UTC)


def an_account(**what_matters: Any) -> Account:
    """Anna, active admin of 123456.sms with a password and no second factor."""
    usual: dict[str, Any] = {
        "id": "a",
        "org": "123456.sms",
        "username": "anna",
        "email": "anna@example.org",
        "display_name": "Anna",
        "locale": "de",
        "roles": ("admin",),
        "label": None,
        "status": Status.ACTIVE,
        "password_hash": "hash",
        "password_changed_at": _NOON,
        "totp": None,
        "pending_totp": None,
        "recovery_hashes": (),
        "created_at": _NOON,
        "version": 1,
    }
    return Account(**usual | what_matters)
