"""The rules of API keys."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.auth.domain.api_keys import (
    LIFE,
    ApiKey,
    Secret,
    check_permissions,
    expiry,
    rotated,
)
from services.auth.domain.users import GrantTooHighError
from shared.access import Permission, Relation, ceiling
from shared.errors import InvalidError

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
DAY = timedelta(days=1)
TENANT, RESELLER = "123456.sms", "100001.rsp"
ALL = frozenset(map(str, Permission))


def a_secret(digest: str, *, used: bool = True, days: int = 90) -> Secret:
    return Secret(digest, NOW - DAY, NOW + days * DAY, NOW if used else None)


def a_key(*secrets: Secret) -> ApiKey:
    return ApiKey("client-1", TENANT, "Report", ("tenant:read",), secrets, NOW - DAY, "account-1")


def digests(key: ApiKey) -> list[str]:
    return [secret.digest for secret in key.secrets]


def test_a_key_lives_90_days_unless_it_is_said_otherwise() -> None:
    assert expiry(None, NOW) == NOW + LIFE == NOW + 90 * DAY
    assert expiry(NOW + 365 * DAY, NOW) == NOW + 365 * DAY


@pytest.mark.parametrize(
    "wanted",
    [NOW, NOW - DAY, NOW + 365 * DAY + timedelta(seconds=1), datetime.max.replace(tzinfo=UTC)],
)
def test_a_key_ends_in_the_future_and_within_a_year(wanted: datetime) -> None:
    with pytest.raises(InvalidError):
        expiry(wanted, NOW)


def test_nobody_gives_more_than_the_own_pass_allows_in_that_place() -> None:
    with pytest.raises(GrantTooHighError):
        check_permissions(TENANT, ["tenant:read", "tenant:edit"], frozenset({"tenant:read"}))

    assert check_permissions(TENANT, ["tenant:read"] * 3, ALL) == ("tenant:read",)


@pytest.mark.parametrize(
    ("org", "wanted"),
    [
        (TENANT, "licence:create"),
        (TENANT, "tenant:transfer"),
        (RESELLER, "mail:read"),
        (RESELLER, "reseller:manage"),
        (RESELLER, "dead-letter:manage"),
    ],
)
def test_what_nobody_of_an_organisation_has_its_keys_have_not_either(org: str, wanted: str) -> None:
    with pytest.raises(InvalidError):
        check_permissions(org, [wanted], ALL)


def test_a_resellers_key_may_have_what_its_people_may_do_at_their_customers() -> None:
    wanted = sorted(ceiling(RESELLER, Relation.ASSIGNED))

    assert check_permissions(RESELLER, wanted, ALL) == tuple(wanted)


def test_after_a_rotation_two_secrets_are_good_until_the_overlap_ends() -> None:
    key = rotated(a_key(a_secret("old")), a_secret("new", used=False), DAY, NOW)

    assert digests(key) == ["new", "old"]
    assert key.good_secret("old", NOW + DAY - timedelta(seconds=1)) is not None
    assert key.good_secret("old", NOW + DAY) is None
    assert key.good_secret("new", NOW + 89 * DAY) is not None
    assert key.version == 2


def test_a_rotation_never_lengthens_the_life_of_the_old_secret() -> None:
    old = replace(a_secret("old"), expires_at=NOW + timedelta(hours=1))

    key = rotated(a_key(old), a_secret("new", used=False), 7 * DAY, NOW)

    assert key.secrets[1].expires_at == NOW + timedelta(hours=1)


def test_a_secret_that_was_never_used_is_replaced_and_the_one_in_use_stays() -> None:
    once = rotated(a_key(a_secret("used")), a_secret("lost", used=False), DAY, NOW)

    twice = rotated(once, a_secret("new", used=False), DAY, NOW + timedelta(minutes=1))

    assert digests(twice) == ["new", "used"]
    assert twice.secrets[1].expires_at == NOW + DAY


def test_at_most_two_secrets_are_good_however_often_one_rotates() -> None:
    key = a_key(a_secret("0"))
    for number in range(1, 6):
        key = rotated(key, a_secret(str(number)), DAY, NOW)

    assert digests(key) == ["5", "4"]


def test_a_revoked_key_has_no_good_secret() -> None:
    key = replace(a_key(a_secret("old")), revoked_at=NOW)

    assert key.good_secret("old", NOW) is None


def test_a_use_is_worth_noting_once_a_minute() -> None:
    secret = a_secret("old")

    assert a_secret("new", used=False).is_use_worth_noting(NOW)
    assert not secret.is_use_worth_noting(NOW + timedelta(seconds=59))
    assert secret.is_use_worth_noting(NOW + timedelta(seconds=60))


def test_a_keys_last_use_is_that_of_the_secret_used_last() -> None:
    later = replace(a_secret("new"), last_used_at=NOW + DAY)

    assert a_key(later, a_secret("old")).last_used_at == NOW + DAY
    assert a_key(a_secret("new", used=False)).last_used_at is None
