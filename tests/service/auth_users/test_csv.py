"""Users from and to a CSV file."""

import asyncio
import csv
import io

import pytest

from shared.contracts.auth import AccountInvited
from shared.passes import Pass
from tests.support.service import Answer, Client
from tests.support.users import CHIEF, LESSER, MANAGER, PATH, READER, STAFF, create

FILE = (
    "username,firstname,lastname,email,comment,roles\r\n"
    'erika,Erika,Mustermann,erika@example.org,"Desk 3, left",auditor\r\n'
    "otto,Otto,,otto@example.org,,\r\n"
)


async def take_in(auth: Client, text: str, *, as_: Pass = MANAGER, dry_run: bool = False) -> Answer:
    body = {"csv": text, "dry_run": dry_run}
    return await auth.post(f"{PATH}/import", as_=as_, json=body)


async def export(auth: Client, path: str = PATH, as_: Pass = READER) -> Answer:
    answer = await auth.get(f"{path}/export", as_=as_)
    assert answer.status == 200
    return answer


def counts(answer: Answer) -> tuple[int, int, int]:
    assert answer.status == 200, answer.body
    body = answer.body
    return body["created"], body["unchanged"], body["invalid"]


async def test_everybody_in_the_file_is_invited(auth: Client) -> None:
    answer = await take_in(auth, FILE)

    assert counts(answer) == (2, 0, 0)
    assert [(row["line"], row["outcome"]) for row in answer.body["rows"]] == [
        (2, "created"),
        (3, "created"),
    ]
    listed = (await auth.get(PATH, as_=READER)).body["items"]
    assert [(one["display_name"], one["roles"], one["comment"]) for one in listed] == [
        ("Erika Mustermann", ["auditor"], "Desk 3, left"),
        ("Otto", [], ""),
    ]
    assert {one["status"] for one in listed} == {"invited"}
    sent = await auth.heard(AccountInvited)
    assert sorted(one.email for one in sent) == ["erika@example.org", "otto@example.org"]


async def test_a_dry_run_tells_the_same_and_changes_nothing(auth: Client) -> None:
    dry = await take_in(auth, FILE, dry_run=True)
    listed = (await auth.get(PATH, as_=READER)).body["items"]
    real = await take_in(auth, FILE)

    assert listed == []
    assert dry.body["rows"] == real.body["rows"]
    assert (dry.body["dry_run"], real.body["dry_run"]) == (True, False)


async def test_the_same_file_again_changes_nothing(auth: Client) -> None:
    await create(auth, "OTTO", comment="Here before")
    first = await take_in(auth, FILE)

    again = await take_in(auth, FILE)

    assert (counts(first), counts(again)) == ((1, 1, 0), (0, 2, 0))
    assert len(await auth.heard(AccountInvited)) == 2
    listed = (await auth.get(PATH, as_=READER)).body["items"]
    assert [one["comment"] for one in listed] == ["Desk 3, left", "Here before"]


async def test_the_same_file_many_times_at_once_invites_everybody_once(auth: Client) -> None:
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(take_in(auth, FILE)) for _ in range(4)]

    answers = [task.result() for task in tasks]
    assert {answer.status for answer in answers} == {200}
    assert sum(answer.body["created"] for answer in answers) == 2
    assert len(await auth.heard(AccountInvited)) == 2


async def test_rows_that_cannot_be_are_told_and_the_others_taken(auth: Client) -> None:
    text = (
        "roles,email,username\r\n"
        "admin,good@example.org,good\r\n"
        "admin,nobody,bad-address\r\n"
        "owner,a@example.org,bad-role\r\n"
        "reseller-admin,a@example.org,role-of-another-place\r\n"
        ",a@example.org,\r\n"
        ",b@example.org,GOOD\r\n"
    )

    answer = await take_in(auth, text)

    told = [(row["outcome"], row["errors"][:1]) for row in answer.body["rows"]]
    assert told == [
        ("created", []),
        ("invalid", [{"column": "email", "code": "string_pattern_mismatch"}]),
        ("invalid", [{"column": "roles", "code": "unknown_role"}]),
        ("invalid", [{"column": "roles", "code": "unknown_role"}]),
        ("invalid", [{"column": "username", "code": "string_too_short"}]),
        ("invalid", [{"column": "username", "code": "username_repeated"}]),
    ]
    listed = (await auth.get(PATH, as_=READER)).body["items"]
    assert [one["username"] for one in listed] == ["good"]


async def test_a_flaw_is_told_of_a_column_that_files_have(auth: Client) -> None:
    text = (
        "username,email,firstname,lastname\r\n"
        "a\x00b,a@example.org,,\r\n"
        "anna,b@example.org,An\x00na,\r\n"
        f"bert,c@example.org,{'Bert ' * 30},{'Brand ' * 30}\r\n"
    )

    answer = await take_in(auth, text)

    assert [row["errors"] for row in answer.body["rows"]] == [
        [{"column": "username", "code": "value_error"}],
        [{"column": "firstname", "code": "value_error"}],
        [{"column": "firstname", "code": "string_too_long"}],
    ]


async def test_a_file_grants_no_more_than_its_sender_holds(auth: Client) -> None:
    text = "username,email,roles\r\nchief,chief@example.org,admin\r\n"

    answer = await take_in(auth, text, as_=LESSER)

    assert answer.body["rows"][0]["errors"] == [{"column": "roles", "code": "grant_too_high"}]
    assert (await auth.get(PATH, as_=READER)).body["items"] == []


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("erika,erika@example.org\r\n", id="no header"),
        pytest.param("username\r\nerika\r\n", id="no address"),
        pytest.param("username,email,password\r\na,a@b.example,x\r\n", id="password"),
        pytest.param("username,email,email\r\na,a@b.example,b@b.example\r\n", id="column twice"),
        pytest.param("username,email\r\na,a@b.example\r\nb\r\n", id="cell missing"),
        pytest.param("username,email\r\na,a@b.example\r\nb,b@b.example,x\r\n", id="cell too many"),
        pytest.param('username,email\r\na,a@b.example\r\n"b,b@b.example\r\n', id="open quote"),
        pytest.param("username,email\r\na,a@b.example\r\n" * 2 + '"x"y,z\r\n', id="quote inside"),
        pytest.param(
            "username,email\r\n" + "".join(f"u{n},u{n}@b.example\r\n" for n in range(501)),
            id="too many",
        ),
    ],
)
async def test_of_a_malformed_file_nothing_is_taken(auth: Client, text: str) -> None:
    answer = await take_in(auth, text)

    assert (answer.status, answer.body["code"]) == (422, "csv_malformed")
    assert answer.body["errors"][0]["pointer"] == "#/body/csv"
    assert (await auth.get(PATH, as_=READER)).body["items"] == []
    assert await auth.heard(AccountInvited) == []


async def test_five_hundred_users_come_in_at_once(auth: Client) -> None:
    text = "username,email\r\n" + "".join(f"u{n},u{n}@example.org\r\n" for n in range(500))

    answer = await take_in(auth, text)

    assert counts(answer) == (500, 0, 0)
    assert len(await auth.heard(AccountInvited)) == 500


async def test_the_export_names_the_columns_and_everybody_here(auth: Client) -> None:
    await take_in(auth, FILE)

    answer = await export(auth)

    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="users.csv"'
    assert answer.body == (
        '"username","firstname","lastname","email","comment","roles"\r\n'
        '"erika","Erika","Mustermann","erika@example.org","Desk 3, left","auditor"\r\n'
        '"otto","Otto","","otto@example.org","",""\r\n'
    )
    assert (await export(auth, STAFF, CHIEF)).body.count("\r\n") == 1


async def test_no_cell_of_the_export_is_a_formula_and_it_can_be_taken_in_again(
    auth: Client,
) -> None:
    odd = ['=HYPERLINK("http://x")', "+1", "-1", "@sum", "'=1", "plain 'quoted'"]
    for number, comment in enumerate(odd):
        await create(auth, f"u{number}", comment=comment, display_name="=cmd|' /C calc'!A0")
    before = (await auth.get(PATH, as_=READER)).body["items"]
    text = (await export(auth)).body
    cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
    await auth.mongo.collection("accounts").delete_many({"org": "123456.sms"})

    await take_in(auth, text)

    assert not [cell for cell in cells if cell[:1] in {"=", "+", "-", "@", "\t", "\r"}]
    after = (await auth.get(PATH, as_=READER)).body["items"]
    facts = ("username", "display_name", "email", "comment", "roles")
    assert [[one[fact] for fact in facts] for one in after] == [
        [one[fact] for fact in facts] for one in before
    ]
