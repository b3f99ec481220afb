"""What became of licence orders: their reseller reads it in sentences."""

import pytest

from services.mailer.domain.mails import mail_id
from shared.contracts.licensing import LicenceOrderRejected
from tests.service.mailer.test_contacts import an_account
from tests.support.mailer import logged
from tests.support.service import Client
from tests.support.smtp import PostOffice


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (
            "reseller_not_authorised",
            "Ihr Unternehmen ist zurzeit nicht als Reseller freigeschaltet.",
        ),
        ("something_new", "Eine Regel des Portals lässt es nicht zu (something_new)."),
    ],
)
async def test_why_an_order_was_rejected_is_a_sentence_where_there_is_one(
    mailer: Client, office: PostOffice, code: str, said: str
) -> None:
    await mailer.deliver(an_account("rita", locale="de"))
    rejected = LicenceOrderRejected(order_id="o-1", reseller_id="100001.rsp", reason=code)

    await mailer.deliver(rejected, event_id="e-1", times=2)

    await logged(mailer, mail_id("e-1", "a-rita"), "sent")
    (mail,) = office.taken
    text = mail.message.get_body(("plain",))
    assert text is not None
    assert f"Grund: {said}" in text.get_content().splitlines()
