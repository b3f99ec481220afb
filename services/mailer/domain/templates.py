"""Which mails there are, in which languages, and which values each of them shows."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Template(StrEnum):
    """One kind of mail; the value is the name of its file in each language."""

    ACCESS_ENDED = "access_ended"
    ACCESS_ENDING = "access_ending"
    ACCESS_REQUESTED = "access_requested"
    CUSTOMER_DELETED = "customer_deleted"
    CUSTOMER_GAINED = "customer_gained"
    CUSTOMER_LOST = "customer_lost"
    EMAIL_CHANGED = "email_changed"
    INVITATION = "invitation"
    LICENCE_CHANGED = "licence_changed"
    LICENCE_END = "licence_end"
    LICENCE_SEATS = "licence_seats"
    NEW_DEVICE = "new_device"
    OFFBOARDING_BEGUN = "offboarding_begun"
    OFFBOARDING_CANCELLED = "offboarding_cancelled"
    ORDER_FULFILLED = "order_fulfilled"
    ORDER_REJECTED = "order_rejected"
    PASSKEY_REGISTERED = "passkey_registered"
    PASSKEY_REMOVED = "passkey_removed"
    PASSKEY_SUSPECTED = "passkey_suspected"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 the name of a mail
    PASSWORD_RESET = "password_reset"  # noqa: S105 the name of a mail
    PASSWORD_RESET_ELSEWHERE = "password_reset_elsewhere"  # noqa: S105 the name of a mail
    RECOVERY_CODES_REPLACED = "recovery_codes_replaced"
    RECOVERY_CODE_USED = "recovery_code_used"
    RESELLER_AUTHORISED = "reseller_authorised"
    RESELLER_RESUMED = "reseller_resumed"
    RESELLER_SUSPENDED = "reseller_suspended"
    RESELLER_TERMINATED = "reseller_terminated"
    SYNC_DRIFT = "sync_drift"
    SYNC_REJECTED = "sync_rejected"
    TENANT_DELETED = "tenant_deleted"
    TENANT_RESUMED = "tenant_resumed"
    TENANT_SUSPENDED = "tenant_suspended"
    TENANT_TRANSFERRED = "tenant_transferred"
    TOTP_ACTIVATED = "totp_activated"
    TOTP_DEADLINE = "totp_deadline"
    TOTP_REMOVED = "totp_removed"
    TOTP_RESET_ASKED = "totp_reset_asked"
    TOTP_RESET_AT_ONCE = "totp_reset_at_once"
    WEBHOOK_ENDED = "webhook_ended"
    WEBHOOK_FAILING = "webhook_failing"


class Locale(StrEnum):
    """A language that mails are written in."""

    DE = "de"
    EN = "en"

    @classmethod
    def of(cls, tag: str) -> "Locale":
        """The language of a tag such as `de-AT` (RFC 5646); English for one that we don't write."""
        language = tag.replace("_", "-").partition("-")[0].lower()
        return cls.DE if language == cls.DE else cls.EN


OPTIONAL: Final = frozenset(
    {
        Template.LICENCE_CHANGED,
        Template.LICENCE_END,
        Template.LICENCE_SEATS,
        Template.ORDER_FULFILLED,
        Template.ORDER_REJECTED,
        Template.SYNC_DRIFT,
        Template.SYNC_REJECTED,
    }
)
"""Mails that people may do without: what they tell is in the portal, too."""

DECIDING: Final = frozenset({"codes_left", "is_last", "passkeys_left"})
"""Values that a template may decide something on, such as singular or plural. Of all others it may
only ask whether they are empty. Each value of these is rendered apart, so they must be few.
"""

_EVERY_MAIL: Final = frozenset({"org", "username", "portal_url"})
_ACCESS: Final = frozenset({"tenant_id", "reseller_id", "roles"})
_OPTIONAL_MAIL: Final = _EVERY_MAIL | {"unsubscribe_url"}
_LICENCE: Final = _OPTIONAL_MAIL | {"tenant_id", "tenant_name", "product_name"}
_CHANGE: Final = frozenset(
    {"done", "effect", "done_by", "former_seats", "former_term", "term", "reason", "happened_at"}
)
_TROUBLE: Final = frozenset({"reseller_id", "record", "count"})
_MOVED: Final = _EVERY_MAIL | {"org_name", "reason", "happened_at"}

VALUES: Final[Mapping[Template, frozenset[str]]] = {
    Template.ACCESS_ENDED: _EVERY_MAIL | _ACCESS,
    Template.ACCESS_ENDING: _EVERY_MAIL | _ACCESS | {"happened_at"},
    Template.ACCESS_REQUESTED: _EVERY_MAIL | _ACCESS | {"duration", "reason"},
    Template.CUSTOMER_GAINED: _MOVED | {"tenant_id"},
    Template.CUSTOMER_LOST: _MOVED | {"tenant_id"},
    Template.CUSTOMER_DELETED: _EVERY_MAIL | {"tenant_id", "org_name"},
    Template.EMAIL_CHANGED: _EVERY_MAIL | {"happened_at"},
    Template.INVITATION: _EVERY_MAIL
    | {"org_name", "display_name", "link", "valid_for", "valid_until"},
    Template.LICENCE_CHANGED: _LICENCE | _CHANGE | {"seats"},
    Template.LICENCE_END: _LICENCE | {"ends_on", "days_left"},
    Template.LICENCE_SEATS: _LICENCE | {"share", "seats", "seats_used"},
    Template.NEW_DEVICE: _EVERY_MAIL | {"happened_at", "device"},
    Template.OFFBOARDING_BEGUN: _MOVED,
    Template.OFFBOARDING_CANCELLED: _MOVED,
    Template.ORDER_FULFILLED: _OPTIONAL_MAIL | {"order_id", "tenant_id"},
    Template.ORDER_REJECTED: _OPTIONAL_MAIL | {"order_id", "reason"},
    Template.PASSKEY_REGISTERED: _EVERY_MAIL | {"happened_at", "passkey"},
    Template.PASSKEY_REMOVED: _EVERY_MAIL | {"happened_at", "passkey", "is_last"},
    Template.PASSKEY_SUSPECTED: _EVERY_MAIL | {"happened_at", "passkey"},
    Template.PASSWORD_CHANGED: _EVERY_MAIL | {"happened_at"},
    Template.PASSWORD_RESET: _EVERY_MAIL | {"link", "valid_for", "valid_until"},
    Template.PASSWORD_RESET_ELSEWHERE: _EVERY_MAIL | {"reseller_portal_url"},
    Template.RECOVERY_CODES_REPLACED: _EVERY_MAIL | {"happened_at"},
    Template.RECOVERY_CODE_USED: _EVERY_MAIL | {"happened_at", "codes_left"},
    Template.RESELLER_AUTHORISED: _MOVED,
    Template.RESELLER_RESUMED: _MOVED,
    Template.RESELLER_SUSPENDED: _MOVED,
    Template.RESELLER_TERMINATED: _MOVED,
    Template.SYNC_DRIFT: _OPTIONAL_MAIL | _TROUBLE,
    Template.SYNC_REJECTED: _OPTIONAL_MAIL | _TROUBLE | {"reason"},
    Template.TENANT_DELETED: _EVERY_MAIL | {"org_name", "happened_at"},
    Template.TENANT_RESUMED: _MOVED,
    Template.TENANT_SUSPENDED: _MOVED,
    Template.TENANT_TRANSFERRED: _MOVED,
    Template.TOTP_ACTIVATED: _EVERY_MAIL | {"happened_at"},
    Template.TOTP_DEADLINE: _EVERY_MAIL | {"happened_at"},
    Template.TOTP_REMOVED: _EVERY_MAIL | {"happened_at", "passkeys_left"},
    Template.TOTP_RESET_ASKED: _EVERY_MAIL | {"link", "valid_for", "valid_until", "reason"},
    Template.TOTP_RESET_AT_ONCE: _EVERY_MAIL | {"link", "reason", "happened_at"},
    Template.WEBHOOK_ENDED: _EVERY_MAIL | {"webhook", "happened_at"},
    Template.WEBHOOK_FAILING: _EVERY_MAIL | {"webhook", "happened_at"},
}
"""The values that a mail must be given, no more and no fewer.

`org` is the tenant domain; `*_url` and `link` are absolute; `valid_for` comes from `wording.span`,
`valid_until` and `happened_at` from `wording.moment`; `codes_left` and `passkeys_left` are
numbers in digits, `is_last` is 1 or 0; `happened_at` of OFFBOARDING_BEGUN is when all is deleted,
of TOTP_DEADLINE from when on nobody gets in without a second factor,
of WEBHOOK_FAILING since when nothing has got through; `webhook` is its name;
`ends_on` comes from `wording.whole_day`, `days_left`, `share`, `seats` and `seats_used` are digits;
of LICENCE_CHANGED `done`, `effect`, `done_by`, `seats`, `term` and what they were come from
`licence_wording`; `former_seats` and `former_term` are empty where they are the same, as `reason`
where none was given;
`reason` of ORDER_REJECTED and of SYNC_REJECTED is a sentence;
`roles` and `duration` come from `wording`;
`count` is digits, `reseller_id` of SYNC_REJECTED may be empty;
`device` names browser and system, empty where neither is known.
"""
