"""Returned mails as mail servers write them."""


def a_bounce(
    mail_id: str,
    *,
    to: str = "ada@acme.example",
    action: str = "failed",
    status: str = "5.1.1",
    diagnostic: str = "smtp; 550 5.1.1 User unknown",
) -> str:
    """A delivery status notification about one mail (RFC 3464 appendix E)."""
    return f"""\
Return-Path: <>
From: MAILER-DAEMON@mx.acme.example
To: no-reply@portal.example
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="B"

--B
Content-Type: text/plain

Your mail could not be delivered.

--B
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.acme.example

Final-Recipient: rfc822; {to}
Action: {action}
Status: {status}
Diagnostic-Code: {diagnostic}

--B
Content-Type: message/rfc822

Message-ID: <{mail_id}@portal.example>
From: no-reply@portal.example
To: {to}
Subject: Hello

Hello.

--B--
"""
