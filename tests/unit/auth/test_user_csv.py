"""Reading users from CSV."""

import pytest

from services.auth.domain.user_csv import COLUMNS, CsvError, header, read_csv


def test_the_header_names_the_columns() -> None:
    assert header() == '"username","firstname","lastname","email","comment","roles"\r\n'
    assert read_csv(header()) == []


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("username,email\na,a@b.example\n", id="unix lines"),
        pytest.param("username,email\r\na,a@b.example\r\n", id="windows lines"),
        pytest.param("\ufeffusername,email\r\na,a@b.example", id="mark and no last line end"),
        pytest.param("username;email\r\na;a@b.example\r\n", id="semicolons"),
        pytest.param(" Username , EMAIL \r\n a , a@b.example \r\n", id="spaces and case"),
        pytest.param("email,username\r\na@b.example,a\r\n", id="other order"),
        pytest.param('"username","email"\r\n"a","a@b.example"\r\n', id="quotes"),
        pytest.param("username,email\r\n\r\na,a@b.example\r\n,\r\n", id="blank lines"),
    ],
)
def test_files_of_every_program_are_read(text: str) -> None:
    rows = read_csv(text)

    assert [(row.username, row.email, row.display_name) for row in rows] == [
        ("a", "a@b.example", "a")
    ]


def test_names_are_joined_and_roles_parted() -> None:
    text = ",".join(COLUMNS) + "\r\nerika,Erika,Mustermann,e@x.example,Desk,admin;auditor\r\n"

    row = read_csv(text)[0]

    assert (row.display_name, row.comment) == ("Erika Mustermann", "Desk")
    assert row.roles == ("admin", "auditor")


def test_a_row_is_told_by_the_line_it_starts_at() -> None:
    text = 'username,email,comment\r\na,a@b.example,"two\r\nlines"\r\nb,b@b.example,\r\n'

    assert [row.line for row in read_csv(text)] == [2, 4]


def test_a_refusal_says_where_and_repeats_nothing() -> None:
    with pytest.raises(CsvError) as refused:
        read_csv("username,email\r\na,a@b.example\r\nsecret\r\n")

    detail = refused.value.fields[0].detail
    assert "Line 3" in detail
    assert "secret" not in detail
