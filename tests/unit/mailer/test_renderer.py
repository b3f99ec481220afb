"""Every mail can be written in every language, and nothing that users typed breaks out of it."""

import re
from collections.abc import Mapping
from html.parser import HTMLParser
from itertools import product

import pytest
from typing_extensions import override

from services.mailer.clients.renderer import Rendered, Renderer, RenderingError
from services.mailer.domain.brands import PORTAL, Brand
from services.mailer.domain.templates import VALUES, Locale, Template

RENDERER = Renderer()
LINK = "https://portal.example/reset-password?token=Zk3v9Qm1x7Yw2Lr8Tn5Bc0Jd4Hs6PfGaUeXoIiKqMzE&x=1"
SAMPLE = {
    "codes_left": "7",
    "count": "12",
    "days_left": "14",
    "device": "Firefox, <u>Linux</u>",
    "display_name": "Erika <b>Mustermann</b>",
    "done": "renewed",
    "done_by": "100001.rsp",
    "duration": "P30D",
    "effect": "What holds now is below.",
    "ends_on": "9 March 2027",
    "former_seats": "8",
    "former_term": "10 March 2026 to 9 March 2027",
    "happened_at": "10 March 2026, 13:05 (CET)",
    "link": LINK,
    "order_id": "0199",
    "is_last": "1",
    "org": "123456.sms",
    "org_name": "Müller & Söhne <script>",
    "passkey": "Anna's <b>laptop</b>",
    "passkeys_left": "0",
    "portal_url": "https://portal.example",
    "product_name": "Mobile <u>Security</u>",
    "reason": "Phone <u>lost</u>",
    "record": "12<b>3</b>",
    "reseller_id": "100001.rsp",
    "reseller_portal_url": "https://reseller.example/login",
    "roles": "reseller-admin",
    "seats": "10",
    "seats_used": "9",
    "share": "90",
    "tenant_id": "200001.sms",
    "unsubscribe_url": "https://portal.example/unsubscribe?token=abc",
    "term": "10 March 2026 to 9 March 2028",
    "tenant_name": "Acme & <b>Sons</b>",
    "username": "<i>admin</i>",
    "webhook": "Our <b>ERP</b>",
    "valid_for": "30 minutes",
    "valid_until": "10 March 2026, 13:35 (CET)",
}
EVERY_MAIL = pytest.mark.parametrize(
    ("template", "locale"),
    list(product(Template, Locale)),
    ids=[f"{template}-{locale}" for template, locale in product(Template, Locale)],
)


def sample(template: Template, **other: str) -> dict[str, str]:
    return {name: (SAMPLE | other)[name] for name in VALUES[template]}


def written(
    template: Template, locale: Locale, values: Mapping[str, str], brand: Brand = PORTAL
) -> Rendered:
    return RENDERER.render(template, locale, values, brand)


class Page(HTMLParser):
    """What an HTML mail shows and what it points to."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words = ""
        self.tags: set[str] = set()
        self.links: set[str | None] = set()
        self.loaded: list[str] = []
        self.feed(html)

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.links |= {value for name, value in attrs if name == "href"}
        self.loaded += [name for name, _ in attrs if name in {"src", "srcset", "background"}]

    @override
    def handle_data(self, data: str) -> None:
        self.words += data


@EVERY_MAIL
def test_every_mail_has_a_subject_a_text_and_html(template: Template, locale: Locale) -> None:
    mail = written(template, locale, sample(template))

    assert 10 < len(mail.subject) < 90
    assert "\n" not in mail.subject
    assert len(mail.text) > 200
    assert f'<html lang="{locale}"' in mail.html
    assert "{{" not in mail.text + mail.html
    assert "{%" not in mail.text + mail.html


@EVERY_MAIL
def test_every_mail_shows_each_of_its_values_in_both_forms(
    template: Template, locale: Locale
) -> None:
    values = sample(template)

    mail = written(template, locale, values)

    page = Page(mail.html)
    words = " ".join([*page.words.split(), *filter(None, page.links)])
    text = " ".join(mail.text.split())
    assert [name for name, value in values.items() if value not in words] == []
    assert [name for name, value in values.items() if value not in text] == []


@EVERY_MAIL
def test_what_users_typed_is_escaped_in_html_and_plain_in_text(
    template: Template, locale: Locale
) -> None:
    mail = written(template, locale, sample(template))

    assert not Page(mail.html).tags & {"b", "i", "script", "u"}
    assert "&lt;i&gt;admin&lt;/i&gt;" in mail.html
    assert "<i>admin</i>" in mail.text
    assert "&lt;" not in mail.text


@EVERY_MAIL
def test_a_mail_loads_nothing_from_elsewhere(template: Template, locale: Locale) -> None:
    html = written(template, locale, sample(template)).html

    page = Page(html)
    assert page.loaded == []
    assert not page.tags & {"img", "link", "script", "iframe", "object"}
    assert not re.search(r"url\(|@import", html)


@pytest.mark.parametrize(
    "template", [Template.INVITATION, Template.PASSWORD_RESET, Template.TOTP_RESET_ASKED]
)
@pytest.mark.parametrize("locale", list(Locale))
def test_the_link_is_whole_in_text_and_html(template: Template, locale: Locale) -> None:
    mail = written(template, locale, sample(template))

    assert LINK in mail.text.splitlines()
    assert LINK in Page(mail.html).links


@pytest.mark.parametrize(
    ("left", "german", "english"),
    [
        ("0", "kein Wiederherstellungscode mehr", "No recovery code is left"),
        ("1", "noch ein Wiederherstellungscode", "One recovery code is left"),
        ("2", "noch 2 Wiederherstellungscodes", "2 recovery codes are left"),
    ],
    ids=["none", "one", "two"],
)
def test_the_recovery_codes_that_are_left_are_counted(left: str, german: str, english: str) -> None:
    template = Template.RECOVERY_CODE_USED

    in_german = written(template, Locale.DE, sample(template, codes_left=left)).text
    in_english = written(template, Locale.EN, sample(template, codes_left=left)).text

    assert german in " ".join(in_german.split())
    assert english in " ".join(in_english.split())


@pytest.mark.parametrize("left", ["0", "1", "3", "4", "9"])
def test_a_few_codes_left_are_a_warning_to_make_new_ones(left: str) -> None:
    template = Template.RECOVERY_CODE_USED

    in_german = written(template, Locale.DE, sample(template, codes_left=left)).text
    in_english = written(template, Locale.EN, sample(template, codes_left=left)).text

    assert ("Erstellen Sie jetzt neue" in in_german) is (int(left) <= 3)
    assert ("Make new ones" in in_english) is (int(left) <= 3)


@pytest.mark.parametrize("reason", ["timed_out", "no_quota"])
def test_a_rejected_order_does_not_claim_that_its_new_customer_was_not_set_up(reason: str) -> None:
    template = Template.ORDER_REJECTED

    in_german = written(template, Locale.DE, sample(template, reason=reason)).text
    in_english = written(template, Locale.EN, sample(template, reason=reason)).text

    assert "nichts angelegt" not in in_german
    assert "Kundenliste" in in_german
    assert "Nothing was set up" not in in_english
    assert "list of customers" in " ".join(in_english.split())


@pytest.mark.parametrize("name", ["Evil\r\nBcc: x@example.com", "Evil\nX", "Evil\x00"])
def test_a_subject_never_breaks_into_another_header(name: str) -> None:
    values = sample(Template.INVITATION, org_name=name)

    with pytest.raises(RenderingError, match="subject"):
        written(Template.INVITATION, Locale.EN, values)


@pytest.mark.parametrize("link", ["javascript:alert(1)", "/reset-password", "https://", ""])
def test_a_link_that_leads_nowhere_is_refused(link: str) -> None:
    values = sample(Template.PASSWORD_RESET, link=link)

    with pytest.raises(RenderingError, match="link"):
        written(Template.PASSWORD_RESET, Locale.EN, values)


def test_a_missing_and_an_unknown_value_are_refused_by_name() -> None:
    values = sample(Template.TOTP_REMOVED) | {"surplus": "x"}
    del values["username"]

    with pytest.raises(RenderingError, match="surplus, username"):
        written(Template.TOTP_REMOVED, Locale.DE, values)
