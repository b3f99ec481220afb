"""What happens becomes one mail each, in the language of whoever gets it."""

from datetime import timedelta
from email.utils import parsedate_to_datetime

import pytest
from structlog.testing import capture_logs

from shared.contracts.auth import (
    AccountEmailChanged,
    NewDeviceUsed,
    PasskeyRegistered,
    PasskeyRemoved,
    PasskeySuspected,
    PasswordResetReferred,
    RecoveryCodesReplaced,
    RecoveryCodeUsed,
    TotpActivated,
    TotpDeadlineAnnounced,
    TotpRemoved,
)
from shared.contracts.events import Event
from tests.support.mailer import (
    ADDRESS,
    TOKEN,
    a_change,
    a_factor_reset,
    a_reset,
    an_invitation,
    deliver_because,
    logged,
)
from tests.support.service import NOON, Client
from tests.support.smtp import PostOffice

_WHO = {"account_id": "a-1", "org": "123456.sms", "username": "ada", "email": ADDRESS}


@pytest.mark.parametrize(
    ("event", "subject", "words"),
    [
        (
            a_reset(locale="de"),
            "Passwort für das Mobile Security Portal zurücksetzen",
            "gilt 30 Minuten, bis 10. März 2026, 13:30 Uhr (MEZ)",
        ),
        (
            a_reset(locale="en"),
            "Reset your password for the Mobile Security Portal",
            "valid for 30 minutes, until 10 March 2026, 13:30 (CET)",
        ),
        (
            an_invitation(locale="de"),
            "Ihr Zugang zum Mobile Security Portal: Müller & Söhne",
            "Guten Tag Ada Lovelace",
        ),
        (
            an_invitation(locale="en"),
            "Your access to the Mobile Security Portal: Müller & Söhne",
            "valid for 7 days, until 17 March 2026, 13:00 (CET)",
        ),
        (a_change(locale="de"), "Ihr Passwort wurde geändert", "10. März 2026, 13:00 Uhr (MEZ)"),
        (a_change(locale="en"), "Your password was changed", "10 March 2026, 13:00 (CET)"),
        (
            NewDeviceUsed(
                **_WHO,
                locale="de",
                session_id="s-1",
                used_at=NOON,
                browser="Firefox",
                system="Linux",
            ),
            "Neue Anmeldung an Ihrem Konto",
            "Gerät: Firefox, Linux Angemeldet: 10. März 2026, 13:00 Uhr (MEZ)",
        ),
        (
            NewDeviceUsed(**_WHO, locale="en", session_id="s-1", used_at=NOON),
            "New sign-in to your account",
            "a device that we did not know yet: unknown.",
        ),
        (
            PasswordResetReferred(**_WHO, locale="de"),
            "Ihr Passwort wird im Reseller-Portal verwaltet",
            "https://reseller-portal.example",
        ),
        (
            RecoveryCodeUsed(**_WHO, locale="en", used_at=NOON, codes_left=1),
            "A recovery code was used",
            "One recovery code is left.",
        ),
        (
            RecoveryCodesReplaced(**_WHO, locale="de", replaced_at=NOON),
            "Ihre Wiederherstellungscodes wurden erneuert",
            "am 10. März 2026, 13:00 Uhr (MEZ)",
        ),
        (
            a_factor_reset(locale="de"),
            "Ihr zweiter Faktor soll entfernt werden",
            "In 1 Tag, am 11. März 2026, 13:00 Uhr (MEZ)",
        ),
        (
            a_factor_reset(locale="en"),
            "Your second factor is to be removed",
            "The reason given is: “Phone lost”.",
        ),
        (
            TotpActivated(**_WHO, locale="de-AT", activated_at=NOON),
            "Zwei-Faktor-Authentifizierung ist aktiviert",
            "Aktiviert",
        ),
        (
            TotpDeadlineAnnounced(**_WHO, locale="de", deadline=NOON),
            "Bitte aktivieren Sie die Zwei-Faktor-Authentifizierung",
            "Ab dem 10. März 2026, 13:00 Uhr (MEZ) kommen Sie",
        ),
        (
            PasskeyRegistered(
                **_WHO, locale="de", passkey_id="p-1", name="Laptop", registered_at=NOON
            ),
            "Ein Passkey wurde registriert",
            "wurde der Passkey „Laptop“ registriert",
        ),
        (
            PasskeyRemoved(**_WHO, locale="en", passkey_id="p-1", name="Laptop", removed_at=NOON),
            "A passkey was removed",
            "Nobody can sign in with it any more. Was it not you?",
        ),
        (
            PasskeyRemoved(
                **_WHO,
                locale="de",
                passkey_id="p-1",
                name="Laptop",
                removed_at=NOON,
                is_last_factor=True,
            ),
            "Ein Passkey wurde entfernt",
            "Es war Ihr letzter zweiter Faktor",
        ),
        (
            PasskeySuspected(
                **_WHO, locale="en", passkey_id="p-1", name="Laptop", suspected_at=NOON
            ),
            "A passkey was refused",
            "somebody has a copy of the passkey",
        ),
        (
            TotpRemoved(**_WHO, locale="de", removed_at=NOON, passkeys_left=1),
            "Zwei-Faktor-Authentifizierung wurde entfernt",
            "Ihre Passkeys und die Wiederherstellungscodes gelten weiter",
        ),
        (
            AccountEmailChanged(**_WHO, locale="de", changed_at=NOON),
            "Die E-Mail-Adresse Ihres Kontos wurde geändert",
            "nicht mehr an diese Adresse",
        ),
        (
            TotpRemoved(**_WHO, locale="fr", removed_at=NOON),
            "Two-factor authentication was removed",
            "Removed",
        ),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Event) else None,
)
async def test_an_event_becomes_a_mail_in_the_language_of_the_account(
    mailer: Client, office: PostOffice, event: Event, subject: str, words: str
) -> None:
    await mailer.deliver(event)

    (taken,) = await office.took()
    assert taken.recipients == [ADDRESS]
    assert taken.message["Subject"] == subject
    assert words in " ".join(taken.text().split())
    assert "<html" in taken.text("html")


async def test_a_reset_mail_has_the_link_with_the_opened_token(
    mailer: Client, office: PostOffice
) -> None:
    await mailer.deliver(a_reset())

    (taken,) = await office.took()
    link = f"https://portal.example/reset-password?token={TOKEN}"
    assert link in taken.text()
    assert link in taken.text("html")


async def test_an_invitation_has_the_link_to_accept_it(mailer: Client, office: PostOffice) -> None:
    await mailer.deliver(an_invitation())

    (taken,) = await office.took()
    assert f"https://portal.example/accept-invitation?token={TOKEN}" in taken.text()


async def test_a_factor_reset_that_waits_has_the_link_that_stops_it(
    mailer: Client, office: PostOffice
) -> None:
    await mailer.deliver(a_factor_reset())

    (taken,) = await office.took()
    link = f"https://portal.example/stop-reset?token={TOKEN}"
    assert link in taken.text()
    assert link in taken.text("html")


async def test_a_factor_reset_that_does_not_wait_is_mailed_with_its_link_also_late(
    mailer: Client, office: PostOffice
) -> None:
    event = a_factor_reset(waits=timedelta(0))
    mailer.now.advance(timedelta(minutes=10))

    await mailer.deliver(event)

    (taken,) = await office.took()
    words = " ".join(taken.text().split())
    assert taken.message["Subject"] == "Ihr zweiter Faktor wird entfernt"
    assert f"https://portal.example/stop-reset?token={TOKEN}" in words
    assert "Phone lost" in words
    assert "vermutlich ist es also schon geschehen" in words


async def test_a_passkey_that_was_taken_off_with_all_factors_has_no_mail_of_its_own(
    mailer: Client, office: PostOffice
) -> None:
    who = {**_WHO, "locale": "en", "removed_at": NOON, "reason": "Phone lost"}
    await mailer.deliver(PasskeyRemoved(**who, passkey_id="p-1", name="Laptop"), event_id="e-1")
    await mailer.deliver(TotpRemoved(**who), event_id="e-2")

    (taken,) = await office.took()
    assert taken.message["Subject"] == "Two-factor authentication was removed"
    assert await mailer.mongo.collection("mails").find_one({"_id": "e-1"}) is None


async def test_an_event_that_comes_several_times_becomes_one_mail(
    mailer: Client, office: PostOffice
) -> None:
    await mailer.deliver(a_change(), times=3, event_id="e-1")
    await logged(mailer, "e-1", "sent")
    await mailer.deliver(a_change(), event_id="e-1")
    await mailer.deliver(a_change(email="last@acme.example"))

    taken = await office.took(2)
    assert [mail.recipients for mail in taken] == [[ADDRESS], ["last@acme.example"]]
    assert await mailer.failed() == []


async def test_a_mail_tells_who_writes_and_which_request_caused_it(
    mailer: Client, office: PostOffice
) -> None:
    await deliver_because(mailer, a_reset(), "request-1")

    (taken,) = await office.took()
    assert taken.sender == "no-reply@portal.example"
    assert taken.message["From"] == "Mobile Security Portal <no-reply@portal.example>"
    assert taken.message["X-Request-Id"] == "request-1"
    assert taken.id == "<because-request-1@portal.example>"
    assert parsedate_to_datetime(taken.message["Date"]) == NOON


async def test_the_token_is_neither_kept_nor_logged(mailer: Client, office: PostOffice) -> None:
    with capture_logs() as log:
        await mailer.deliver(a_reset(), event_id="e-1")
        queued = await mailer.mongo.collection("mails").find_one({"_id": "e-1"})
        await office.took()
        sent = await logged(mailer, "e-1", "sent")

    database = mailer.mongo._database
    kept = [
        str(await database[name].find().to_list(None))
        for name in await database.list_collection_names()
    ]
    assert "sealed_token" not in sent
    assert TOKEN not in f"{queued}{kept}"
    assert "mail_sent" in [line["event"] for line in log]
    assert TOKEN not in str(log)
    assert ADDRESS not in str(log)
