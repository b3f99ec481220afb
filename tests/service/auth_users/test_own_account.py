"""What people change of their own account."""

from typing import Any

import pytest

from tests.support.service import Client, a_pass
from tests.support.users import active, label_as_rsp

AS_READ = {"If-Match": '"2"'}


async def test_a_name_is_kept_as_a_person_means_it(auth: Client) -> None:
    me = a_pass("123456.sms", subject=await active(auth))

    answer = await auth.patch(
        "/v1/me", as_=me, json={"display_name": " Erika  M. "}, headers=AS_READ
    )

    assert (answer.status, answer.body["display_name"]) == (200, "Erika  M.")


@pytest.mark.parametrize(
    "body",
    [
        {"display_name": "two\nlines"},
        {"display_name": "nul\0"},
        {"display_name": "\u202egnp.exe"},
        {"display_name": "  "},
        {"display_name": "x" * 201},
        {"locale": "fr"},
        {"roles": ["admin"]},
    ],
    ids=str,
)
async def test_what_nobody_is_called_is_refused(auth: Client, body: dict[str, Any]) -> None:
    me = a_pass("123456.sms", subject=await active(auth))

    answer = await auth.patch("/v1/me", as_=me, json=body, headers=AS_READ)

    assert answer.status == 422
    assert (await auth.get("/v1/me", as_=me)).headers["ETag"] == '"2"'


@pytest.mark.parametrize("body", [{"display_name": "Somebody"}, {"locale": "en"}], ids=str)
async def test_what_the_reseller_portal_owns_is_not_changed_here(
    auth: Client, body: dict[str, Any]
) -> None:
    account_id = await active(auth)
    await label_as_rsp(auth, account_id)
    me = a_pass("123456.sms", subject=account_id)

    answer = await auth.patch("/v1/me", as_=me, json=body, headers=AS_READ)

    assert (answer.status, answer.body["code"]) == (409, "managed_elsewhere")
    assert (await auth.get("/v1/me", as_=me)).headers["ETag"] == '"2"'


async def test_what_is_so_already_is_no_change(auth: Client) -> None:
    me = a_pass("123456.sms", subject=await active(auth))

    answer = await auth.patch("/v1/me", as_=me, json={"display_name": "erika"}, headers=AS_READ)

    assert (answer.status, answer.headers["ETag"]) == (200, '"2"')
