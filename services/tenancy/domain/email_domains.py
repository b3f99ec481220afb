"""The e-mail domains of an organisation: each belongs to one organisation, and to no mail service
that anybody may have an address at.
"""

from typing import Final

from shared.errors import ConflictError, FieldError, InvalidError

_FREE_MAIL: Final = frozenset(
    [
        "aol.com",
        "arcor.de",
        "bluewin.ch",
        "email.de",
        "fastmail.com",
        "freemail.de",
        "freenet.de",
        "gmail.com",
        "gmx.at",
        "gmx.ch",
        "gmx.de",
        "gmx.net",
        "googlemail.com",
        "hotmail.com",
        "hotmail.de",
        "icloud.com",
        "live.com",
        "live.de",
        "mail.com",
        "mail.de",
        "mail.ru",
        "mailbox.org",
        "me.com",
        "msn.com",
        "outlook.com",
        "outlook.de",
        "posteo.de",
        "proton.me",
        "protonmail.com",
        "rocketmail.com",
        "t-online.de",
        "tutanota.com",
        "vodafone.de",
        "web.de",
        "yahoo.com",
        "yahoo.de",
        "yandex.com",
        "zoho.com",
    ]
)


class DomainTakenError(ConflictError):
    code = "email_domain_taken"
    detail = "One of these e-mail domains belongs to another organisation."


class FreeMailError(InvalidError):
    """Anybody can have an address there, so it says nothing about an organisation."""

    def __init__(self, domain: str) -> None:
        detail = f"{domain} is open to anybody and belongs to no organisation."
        super().__init__(fields=[FieldError("#/body/email_domains", "free_mail", detail)])


def checked_domains(domains: list[str]) -> tuple[str, ...]:
    """The domains sorted, each once; FreeMailError where one is open to anybody."""
    for domain in domains:
        if domain in _FREE_MAIL:
            raise FreeMailError(domain)
    return tuple(sorted(set(domains)))
