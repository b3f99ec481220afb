"""Renders a mail's subject, text and HTML from its one template per language."""

import re
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from services.mailer.domain.templates import VALUES, Locale, Template

_PACKAGE: Final = "services.mailer"
_TEXT_WIDTH: Final = 72
_FORMS: Final = ("html", "text")


class RenderingError(Exception):
    """A mail can't be written with the values that it was given."""


@dataclass(frozen=True)
class Rendered:
    """A written mail, still without sender and recipient."""

    subject: str
    text: str
    html: str


class Renderer:
    """Compiles every template once; making one reads files, so make it before serving."""

    def __init__(self) -> None:
        self._forms = {form: _environment(form) for form in _FORMS}
        for environment in self._forms.values():
            environment.get_template("layout.jinja")
            for template in Template:
                for locale in Locale:
                    environment.get_template(_file(template, locale))

    def render(self, template: Template, locale: Locale, values: Mapping[str, str]) -> Rendered:
        """Write a mail; the values must be exactly those that `VALUES` names for the template."""
        _must_fit(template, values)
        html = self._forms["html"].get_template(_file(template, locale))
        text = self._forms["text"].get_template(_file(template, locale))
        given = {"locale": locale.value, **values}
        # The subject is no HTML, so it comes from the form that escapes nothing.
        subject = "".join(text.blocks["subject"](text.new_context(given))).strip()
        if not subject.isprintable():
            raise RenderingError(
                f"The subject of {template} has a line break or control character."
            )
        return Rendered(
            subject=subject,
            text=re.sub(r"\n{3,}", "\n\n", text.render(given)).strip() + "\n",
            html=html.render(given),
        )


def _file(template: Template, locale: Locale) -> str:
    return f"{template}.{locale}.jinja"


def _environment(form: str) -> Environment:
    """The texts are the same for both forms; `layout.jinja` and the filters make the difference."""
    environment = Environment(
        loader=ChoiceLoader(
            [
                PackageLoader(_PACKAGE, f"templates/{form}"),
                PackageLoader(_PACKAGE, "templates/mails"),
            ]
        ),
        autoescape=form == "html",  # noqa: S701 the text form is no HTML
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["paragraphs"] = _as_html if form == "html" else _as_text
    environment.filters["linked"] = _html_link if form == "html" else str
    return environment


def _must_fit(template: Template, values: Mapping[str, str]) -> None:
    if values.keys() != VALUES[template]:
        differing = ", ".join(sorted(values.keys() ^ VALUES[template]))
        raise RenderingError(f"Missing or unknown values for {template}: {differing}.")
    for name, value in values.items():
        is_link = name == "link" or name.endswith("_url")
        if is_link and not re.match(r"https?://[^\s/]", value):
            raise RenderingError(f"{name} is no absolute link.")


def _paragraphs(text: str) -> list[str]:
    return [" ".join(paragraph.split()) for paragraph in re.split(r"\n\s*\n", text.strip())]


def _as_html(text: Markup) -> Markup:
    # Each paragraph was escaped when its template was rendered; only our own tags are added here.
    return Markup("\n").join(
        Markup('<p class="ink" style="margin:0 0 16px;">{}</p>').format(Markup(paragraph))  # noqa: S704
        for paragraph in _paragraphs(text)
    )


def _as_text(text: str) -> str:
    return "\n\n".join(
        textwrap.fill(paragraph, _TEXT_WIDTH, break_long_words=False, break_on_hyphens=False)
        for paragraph in _paragraphs(text)
    )


def _html_link(url: str) -> Markup:
    return Markup('<a class="link" href="{0}" style="color:#1f5fbf;">{0}</a>').format(url)
