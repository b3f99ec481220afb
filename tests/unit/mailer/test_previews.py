"""Every mail can be looked at with sample data, whole and in both languages."""

import re
from itertools import product

import pytest

from portal.previews import previews, sample
from services.mailer.domain.templates import VALUES, Locale, Template

ALL = previews()


@pytest.mark.parametrize(("template", "locale"), list(product(Template, Locale)))
def test_every_mail_has_a_preview(template: Template, locale: Locale) -> None:
    preview = ALL[f"{template.value}.{locale.value}"]

    assert sample(template, locale).keys() == VALUES[template]
    assert preview.subject
    assert f'<html lang="{locale}"' in preview.html
    assert preview.text.strip()


def test_nobody_real_is_in_a_preview() -> None:
    text = "".join(preview.text for preview in ALL.values())

    hosts = set(re.findall(r"https://([^/\s]+)", text))
    assert "@" not in text
    assert all(host.endswith(".example") for host in hosts)


@pytest.mark.parametrize("name", sorted(ALL))
def test_labels_keep_their_colour_in_the_dark(name: str) -> None:
    (label,) = set(re.findall(r'<td class="([a-z ]+)"', ALL[name].html))
    dark = ALL[name].html.partition("prefers-color-scheme: dark")[2]

    # Both rules are `!important`, so the one that says more about the cell wins.
    assert ".ink td {" in dark
    assert f".ink td.{label} {{" in dark


def test_a_resellers_colour_stays_on_its_button_in_the_dark() -> None:
    dark = ALL["invitation.en"].html.partition("prefers-color-scheme: dark")[2]

    rules = re.findall(r"[.]button[^{]*{([^}]*)}", dark)
    assert rules
    assert not [rule for rule in rules if "background" in rule]


def test_no_mail_shows_a_raw_code() -> None:
    codes = re.compile(r"(?<![(/])\b(?:[a-z]+_[a-z_]+|P[0-9]+[DWMY]|[a-z]+-admin)\b")

    found = {name: codes.findall(preview.text) for name, preview in ALL.items()}
    assert not {name: words for name, words in found.items() if words}
