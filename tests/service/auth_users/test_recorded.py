"""Whatever changes of what others keep of an account, they are told, with its version."""

from shared.contracts.auth import AccountRecorded
from tests.support.service import Client
from tests.support.users import MANAGER, PATH, active, edit


async def told(auth: Client, account_id: str) -> list[AccountRecorded]:
    return [one for one in await auth.heard(AccountRecorded) if one.account_id == account_id]


async def test_a_new_user_is_told_and_so_is_that_the_invitation_was_accepted(auth: Client) -> None:
    account_id = await active(auth, roles=["admin"])

    invited, accepted = await told(auth, account_id)

    assert (invited.status, invited.roles, invited.org) == ("invited", ["admin"], "123456.sms")
    assert (accepted.status, accepted.email) == ("active", "erika@example.org")
    assert not accepted.has_second_factor


async def test_another_address_language_and_role_are_told_each(auth: Client) -> None:
    account_id = await active(auth)

    await edit(auth, account_id, email="e.m@example.org")
    await edit(auth, account_id, locale="en")
    await edit(auth, account_id, roles=["auditor"])

    last = (await told(auth, account_id))[-1]
    assert (last.email, last.locale, last.roles) == ("e.m@example.org", "en", ["auditor"])
    assert len(await told(auth, account_id)) == 5


async def test_what_nobody_else_keeps_is_not_told(auth: Client) -> None:
    account_id = await active(auth)
    before = len(await told(auth, account_id))

    await edit(auth, account_id, comment="Sits in Hamburg")

    assert len(await told(auth, account_id)) == before


async def test_closing_and_opening_an_account_is_told(auth: Client) -> None:
    account_id = await active(auth)

    await auth.post(f"{PATH}/{account_id}/disable", as_=MANAGER)
    await auth.post(f"{PATH}/{account_id}/enable", as_=MANAGER)

    states = [one.status for one in await told(auth, account_id)]
    assert states == ["invited", "active", "disabled", "active"]


async def test_the_sequence_is_the_version_of_the_account(auth: Client) -> None:
    account_id = await active(auth)

    envelopes = await auth.envelopes(AccountRecorded)

    sequences = [one.sequence for one in envelopes if one.subject == account_id]
    assert sequences == [1, 2]
