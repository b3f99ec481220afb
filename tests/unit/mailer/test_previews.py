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
