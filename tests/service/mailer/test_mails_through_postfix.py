"""A whole mail through a relay of another make: signed, encrypted, to a domain outside ASCII."""

from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest

from services.mailer.app import open_mailer
from services.mailer.settings import MailerSettings
from shared.contracts.events import Service
from tests.support.mailer import MAILER_KEYS, an_invitation, logged
from tests.support.postfix import PASSWORD, as_sent, postfix
from tests.support.service import running, settings_of
from tests.unit.mailer.test_dkim import BOTH, is_good, pem

pytestmark = [pytest.mark.foreign, pytest.mark.timeout(120)]


@BOTH
async def test_an_invitation_arrives_signed_and_readable(
    mongo_url: str, monkeypatch: pytest.MonkeyPatch, key: Any
) -> None:
    invited = an_invitation().model_copy(update={"email": "ada@müller.example"})

    async with postfix(smtpd_sasl_auth_enable="yes") as server:
        monkeypatch.setenv("SSL_CERT_FILE", str(server.authority))
        settings = settings_of(
            MailerSettings,
            mongo_url,
            mailer_keys=MAILER_KEYS.private(),
            public_url="https://portal.example",
            smtp_port=server.port,
            smtp_username="portal@relay.example",
            smtp_password=PASSWORD,
            mail_from_name="Müller, Portal",
            dkim_selector="s1",
            dkim_key=pem(key),
        )
        async with running(Service.MAILER, open_mailer, settings) as mailer:
            await mailer.deliver(invited, event_id="e-1")
            await logged(mailer, "e-1", "sent")
        (delivered,) = await server.delivered()

    message = message_from_bytes(delivered, _class=EmailMessage, policy=policy.default)
    text = message.get_body(("plain",))
    assert as_sent(delivered).startswith(b"DKIM-Signature: ")
    assert is_good(delivered, key)
    assert not is_good(delivered.replace(b"accept-invitation", b"accept-1nvitation"), key)
    assert message["Delivered-To"] == "ada@xn--mller-kva.example"
    assert message["From"].addresses[0].display_name == "Müller, Portal"
    assert "Müller & Söhne" in message["Subject"]
    assert text is not None
    assert "https://portal.example/accept-invitation?token=" in text.get_content()
