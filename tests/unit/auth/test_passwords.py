"""Which passwords may be chosen."""

import pytest

from services.auth.domain.passwords import (
    LONGEST,
    Owner,
    PasswordError,
    check_password,
    owner_words,
)

COMMON = frozenset({"password", "sunshine", "iloveyou", "winter", "correct", "horse", "1234"})
WORDS = owner_words(
    username="anna.meier", org="123456.sms", names=("Anna Meier", "anna", "Müller & Söhne GmbH")
)


def refusal(password: str, *, has_second_factor: bool = True) -> str | None:
    try:
        check_password(password, Owner(has_second_factor, WORDS), COMMON)
    except PasswordError as error:
        return error.fields[0].code
    return None


@pytest.mark.parametrize(
    ("length", "refused"), [(7, "password_too_short"), (8, None), (128, None), (LONGEST, None)]
)
def test_length_is_what_counts(length: int, refused: str | None) -> None:
    assert refusal(of_length(length)) == refused


@pytest.mark.parametrize(
    ("length", "refused"),
    [(14, "password_too_short"), (15, None), (LONGEST, None), (LONGEST + 1, "password_too_long")],
)
def test_the_only_factor_must_be_longer(length: int, refused: str | None) -> None:
    assert refusal(of_length(length), has_second_factor=False) == refused


def of_length(length: int) -> str:
    return "".join(chr(0x4E00 + 7 * number % 997) for number in range(length))


def test_length_is_counted_in_characters_of_the_normal_form() -> None:
    decomposed = "éèêëöü"

    assert len(decomposed) == 6
    assert refusal("e\u0301e\u0300o\u0308u\u0308") == "password_too_short"


@pytest.mark.parametrize(
    "password",
    [
        "password",
        "PassWord",
        "P@ssw0rd2024!",
        "Pa55word!!",
        "!!sunshine99",
        "passwordpassword",
        "p-a-s-s-w-o-r-d",
        "password1234567890",
        "winter winter winter",
        "1234123412341234",
    ],
)
def test_a_common_password_is_refused_however_it_is_dressed(password: str) -> None:
    assert refusal(password) == "password_too_common"


@pytest.mark.parametrize(
    "password",
    ["aaaaaaaa", "abcabcabc", "87654321", "qwertzuiop", "poiuztrewq", "1q2w3e4r5t6z", "abcdefgh"],
)
def test_a_walk_over_the_keyboard_is_refused(password: str) -> None:
    assert refusal(password) == "password_too_common"


@pytest.mark.parametrize(
    "password",
    [
        "anna.meier",
        "Ann4M3ier!",
        "123456.sms!",
        "123456-2024",
        "MobileSecurity2025",
        "m0b1le-s3cur1ty",
        "Müller&Söhne",
        "portal-sunshine99",
        "meier@portal",
    ],
)
def test_what_anybody_would_try_here_is_refused(password: str) -> None:
    assert refusal(password) == "password_too_obvious"


@pytest.mark.parametrize(
    "password",
    [
        "j7#kQ2!x",
        "horse battery",
        "correct horse battery staple",
        "the mobile security of ducks in ponds",
        "anna and the elephants",
        "sunshine-4729184736",
        "パスワードは鍵です",
        "пароль-horse-лошадь",
        "        x       y",
    ],
)
def test_no_kind_of_character_is_asked_for_or_forbidden(password: str) -> None:
    assert refusal(password) is None


def test_a_refusal_names_the_field_and_not_the_password() -> None:
    with pytest.raises(PasswordError) as refused:
        check_password("password", Owner(has_second_factor=True, words=WORDS), COMMON, "secret")

    assert refused.value.fields[0].pointer == "#/body/secret"
    assert "password" not in refused.value.fields[0].detail.replace("This password", "")
