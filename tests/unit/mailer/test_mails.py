"""A mail waits longer after each failure, and is given up when nobody takes it or it expires."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from services.mailer.domain.mails import (
    PATIENCE,
    Mail,
    MailState,
    MailStateError,
    Reason,
    after_failure,
    after_success,
    begin,
    is_due,
    is_worth_sending,
)
from services.mailer.domain.templates import Locale, Template

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


def a_mail(expires_at: datetime | None = None) -> Mail:
    return Mail(
        id="mail-1",
        template=Template.PASSWORD_RESET,
        locale=Locale.DE,
        recipient="erika@example.com",
        created_at=NOON,
        due_at=NOON,
        expires_at=expires_at,
    )


def failed_until_it_ends(mail: Mail) -> list[Mail]:
    """Every state after a failure, tried again exactly when due."""
    states: list[Mail] = []
    while is_due(mail, mail.due_at):
        mail = after_failure(begin(mail, mail.due_at), None, None, mail.due_at)
        states.append(mail)
    return states


def test_a_new_mail_is_due_at_once() -> None:
    mail = a_mail()

    assert is_due(mail, NOON)
    assert not is_due(mail, NOON - timedelta(seconds=1))


def test_an_accepted_mail_is_sent_and_never_due_again() -> None:
    sending = begin(a_mail(), NOON)

    sent = after_success(sending, 250, "2.0.0 Ok", NOON + timedelta(seconds=1))

    assert sent.state is MailState.SENT
    assert sent.attempts == 1
    assert sent.sent_at == NOON + timedelta(seconds=1)
    assert not is_due(sent, NOON + timedelta(days=9))


@pytest.mark.parametrize(
    ("smtp_code", "reason"),
    [(421, Reason.REFUSED_FOR_NOW), (451, Reason.REFUSED_FOR_NOW), (None, Reason.UNREACHABLE)],
    ids=["closing", "local-error", "no-answer"],
)
def test_a_passing_failure_defers(smtp_code: int | None, reason: Reason) -> None:
    mail = after_failure(begin(a_mail(), NOON), smtp_code, None, NOON)

    assert mail.state is MailState.DEFERRED
    assert mail.reason is reason
    assert mail.smtp_code == smtp_code
    assert mail.due_at == NOON + timedelta(seconds=30)


def test_a_refusal_for_good_ends_it_at_the_first_attempt() -> None:
    mail = after_failure(begin(a_mail(), NOON), 550, None, NOON)

    assert mail.state is MailState.FAILED
    assert mail.reason is Reason.REFUSED
    assert not is_due(mail, NOON + timedelta(days=9))


def test_the_wait_grows_up_to_an_hour() -> None:
    states = failed_until_it_ends(a_mail())

    dues = [NOON, *(mail.due_at for mail in states)]
    minutes = [(b - a) / timedelta(minutes=1) for a, b in pairwise(dues)]
    assert minutes[:7] == [0.5, 2, 10, 30, 60, 60, 60]


def test_a_mail_that_nobody_takes_is_given_up_after_two_days() -> None:
    last_try, given_up = failed_until_it_ends(a_mail())[-2:]

    assert given_up.state is MailState.FAILED
    assert given_up.reason is Reason.GIVEN_UP
    assert PATIENCE - timedelta(hours=1) < last_try.due_at - NOON <= PATIENCE


def test_a_mail_is_worth_sending_until_its_content_expires() -> None:
    mail = a_mail(expires_at=NOON + timedelta(minutes=30))

    assert is_worth_sending(mail, NOON + timedelta(minutes=29))
    assert not is_worth_sending(mail, NOON + timedelta(minutes=30))
    assert is_worth_sending(a_mail(expires_at=None), NOON + timedelta(days=9))


def test_an_expired_mail_fails_without_an_attempt() -> None:
    mail = begin(a_mail(expires_at=NOON), NOON)

    assert mail.state is MailState.FAILED
    assert mail.reason is Reason.EXPIRED
    assert mail.attempts == 0


def test_a_mail_that_would_expire_while_it_waits_fails_at_once() -> None:
    states = failed_until_it_ends(a_mail(expires_at=NOON + timedelta(minutes=30)))

    assert [mail.state for mail in states] == [MailState.DEFERRED] * 3 + [MailState.FAILED]
    assert states[-1].reason is Reason.EXPIRED


def test_only_a_due_mail_can_be_sent() -> None:
    sending = begin(a_mail(), NOON)

    with pytest.raises(MailStateError):
        begin(sending, NOON)
    with pytest.raises(MailStateError):
        begin(a_mail(), NOON - timedelta(seconds=1))


def test_only_a_running_attempt_can_end() -> None:
    with pytest.raises(MailStateError):
        after_success(a_mail(), 250, "2.0.0 Ok", NOON)
    with pytest.raises(MailStateError):
        after_failure(a_mail(), 451, None, NOON)
