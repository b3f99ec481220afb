"""Renders a mail's subject, text and HTML from its one template per language.

Rendering and compiling cost far more than filling in, and mails of one kind differ only in their
values. So each template is rendered once per language and brand, with a mark where each value goes,
and every mail is spliced from what lies between the marks. A value on which a template decides
anything can't be a mark; those are few and small, and each of them has a rendering of its own.
"""

import re
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Final

from jinja2 import BaseLoader, ChoiceLoader, DictLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape
from mjml import mjml2html

from services.mailer.domain.brands import Brand
from services.mailer.domain.templates import DECIDING, VALUES, Locale, Template

_PACKAGE: Final = "services.mailer"
_TEXT_WIDTH: Final = 72
_OPEN, _CLOSE = "\ue000", "\ue001"
"""Around a value's name in a rendering; of Unicode's private use, so no text has them."""
_MARK: Final = re.compile(f"{_OPEN}([a-z_]+){_CLOSE}")


class RenderingError(Exception):
    """A mail can't be written with the values that it was given."""


@dataclass(frozen=True)
class Rendered:
    """A written mail, still without sender and recipient."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True)
class _Mould:
    """One form of a rendering: literal text and names of values by turns, text first and last."""

    pieces: tuple[str, ...]

    def fill(self, values: Mapping[str, str]) -> str:
        pieces = list(self.pieces)
        pieces[1::2] = [values[name] for name in pieces[1::2]]
        return "".join(pieces)


@dataclass(frozen=True)
class _Moulds:
    subject: _Mould
    text: _Mould
    html: _Mould


class Renderer:
    """Compiles every template once; making one reads files, so make it before serving."""

    def __init__(self) -> None:
        layout = files(_PACKAGE).joinpath("templates/html/layout.mjml").read_text("utf-8")
        compiled = re.sub(r"\n\s+", "\n", mjml2html(layout, fonts={}))
        self._html = _environment(DictLoader({"layout.jinja": compiled}), is_html=True)
        self._text = _environment(PackageLoader(_PACKAGE, "templates/text"), is_html=False)
        for environment in (self._html, self._text):
            environment.get_template("layout.jinja")
            for template in Template:
                for locale in Locale:
                    environment.get_template(_file(template, locale))
        self._moulds: Callable[..., _Moulds] = lru_cache(maxsize=1024)(self._cast)

    def render(
        self, template: Template, locale: Locale, values: Mapping[str, str], brand: Brand
    ) -> Rendered:
        """Write a mail; the values must be exactly those that `VALUES` names for the template."""
        _must_fit(template, values)
        plain = {name: " ".join(value.split()) for name, value in values.items()}
        deciding = tuple(
            (name, value) for name, value in plain.items() if name in DECIDING or not value
        )
        moulds = self._moulds(template, locale, brand, deciding)
        subject = moulds.subject.fill(values).strip()
        if not subject.isprintable():
            raise RenderingError(
                f"The subject of {template} has a line break or control character."
            )
        return Rendered(
            subject=subject,
            text=moulds.text.fill(plain),
            html=moulds.html.fill({name: escape(value) for name, value in plain.items()}),
        )

    def _cast(
        self,
        template: Template,
        locale: Locale,
        brand: Brand,
        deciding: tuple[tuple[str, str], ...],
    ) -> _Moulds:
        marks = {name: f"{_OPEN}{name}{_CLOSE}" for name in VALUES[template]}
        given: dict[str, str | bool] = {**marks, **dict(deciding), "locale": locale.value}
        given |= {"brand": brand.name, "colour": brand.colour, "has_logo": brand.has_logo}
        html = self._html.get_template(_file(template, locale))
        text = self._text.get_template(_file(template, locale))
        # The subject is no HTML, so it comes from the form that escapes nothing.
        subject = "".join(text.blocks["subject"](text.new_context(given)))
        words = re.sub(r"\n{3,}", "\n\n", text.render(given)).strip() + "\n"
        return _Moulds(_mould(subject), _mould(words), _mould(html.render(given)))


def _mould(rendered: str) -> _Mould:
    return _Mould(tuple(_MARK.split(rendered)))


def _file(template: Template, locale: Locale) -> str:
    return f"{template}.{locale}.jinja"


def _environment(layout: BaseLoader, *, is_html: bool) -> Environment:
    """The texts are the same for both forms; `layout.jinja` and the filters make the difference."""
    environment = Environment(
        loader=ChoiceLoader([layout, PackageLoader(_PACKAGE, "templates/mails")]),
        autoescape=is_html,  # noqa: S701 the text form is no HTML
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["paragraphs"] = _as_html if is_html else _as_text
    environment.filters["linked"] = _html_link if is_html else str
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
        Markup("<p>{}</p>").format(Markup(paragraph))  # noqa: S704
        for paragraph in _paragraphs(text)
    )


def _as_text(text: str) -> str:
    """Lines of at most 72 signs, a mark counted as its name; a long value makes a longer line."""
    return "\n\n".join(
        textwrap.fill(paragraph, _TEXT_WIDTH, break_long_words=False, break_on_hyphens=False)
        for paragraph in _paragraphs(text)
    )


def _html_link(url: str) -> Markup:
    return Markup('<a class="link" href="{0}" style="color:#1f5fbf;">{0}</a>').format(url)
