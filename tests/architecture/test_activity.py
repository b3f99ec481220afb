"""That whatever another service tells of an organisation is in its activity, or why it is not."""

from typing import Final

import pytest

from services.tenancy.subscriptions import SUBSCRIPTIONS
from shared.contracts.events import Event
from tools.contracts import catalogue

_REMINDS: Final = "a reminder; the log of mails has it"
_SAID_ALREADY: Final = "another event says so too"
_MACHINES: Final = "machines tell each other; nobody has done anything"
_OUTSIDE: Final = "the wish of another portal; what came of it is told"
NOT_TOLD: Final = {
    "AccountEmailChanged": _SAID_ALREADY,
    "AccountRecorded": _MACHINES,
    "AuthChecksumsReported": _MACHINES,
    "AuthDriftReported": _MACHINES,
    "AuthMessageRejected": _OUTSIDE,
    "AuthMessageTaken": _OUTSIDE,
    "FirstAdminInvited": _SAID_ALREADY,
    "ForgottenPasswordReported": "somebody who is not signed in typed a name",
    "LicenceChangeAnnounced": _SAID_ALREADY,
    "LicenceEndAnnounced": _REMINDS,
    "LicenceOrderRecorded": _SAID_ALREADY,
    "LicenceRecorded": _SAID_ALREADY,
    "LicenceSeatsAnnounced": _REMINDS,
    "LicensingChecksumsReported": _MACHINES,
    "LicensingDriftReported": _MACHINES,
    "LicensingMessageRejected": _OUTSIDE,
    "LicensingMessageTaken": _OUTSIDE,
    "NewDeviceUsed": _SAID_ALREADY,
    "OrganisationClosed": _SAID_ALREADY,
    "PasswordResetReferred": "it would tell that there is such an account",
    "PasswordResetRequested": "it would tell that there is such an account",
    "PersonRecorded": _SAID_ALREADY,
    "QuotaUsed": _MACHINES,
    "RecoveryCodeUsed": _SAID_ALREADY,
    "TotpDeadlineAnnounced": _REMINDS,
}
TOLD: Final = {
    each.event
    for each in SUBSCRIPTIONS
    if each.consume.__qualname__.startswith(("happened", "noted."))
}
FOREIGN: Final = [
    each
    for each in catalogue().values()
    if each.type.startswith("portal.") and not each.type.startswith("portal.tenancy.")
]


@pytest.mark.parametrize("event", FOREIGN, ids=lambda event: event.type)
def test_every_event_reaches_the_activity_or_says_why_not(event: type[Event]) -> None:
    is_told = event in TOLD

    assert is_told is not (event.__name__ in NOT_TOLD), (
        f"Tell of {event.__name__} with `happened` or `noted` in tenancy's subscriptions.py, or "
        "say in NOT_TOLD why nobody should read of it; not both."
    )


def test_no_reason_is_left_of_an_event_that_is_gone() -> None:
    assert set(NOT_TOLD) <= {each.__name__ for each in FOREIGN}
