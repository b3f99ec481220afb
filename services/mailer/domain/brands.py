"""Whose name, colour and logo a mail shows: the portal's own, or those of the reader's reseller."""

from dataclasses import dataclass, replace
from typing import Final

from services.mailer.domain.png import PngError, cleaned_png
from shared.errors import FieldError, InvalidError, PreconditionError

LEAST_CONTRAST: Final = 4.5
"""Of the button's white words on its colour (WCAG 2.2, success criterion 1.4.3)."""
MOST_LOGO_BYTES: Final = 24 * 1024
LOGO_SIZE: Final = (600, 200)


@dataclass(frozen=True)
class Brand:
    """What the words of a mail are rendered with."""

    name: str
    colour: str
    """Of the button and the mark beside the name, as `#rrggbb`."""
    has_logo: bool = False


PORTAL: Final = Brand("Mobile Security Portal", "#1f5fbf")


@dataclass(frozen=True)
class Branding:
    """How a reseller wants mails to its staff and customers to look."""

    reseller_id: str
    name: str | None = None
    """In place of the portal's; None for that."""
    colour: str | None = None
    sender_name: str | None = None
    """Beside the address that mails come from."""
    logo: bytes | None = None
    """A PNG that shows over the text; it travels within the mail."""
    version: int = 0

    @property
    def brand(self) -> Brand:
        has_logo = self.logo is not None
        return Brand(self.name or PORTAL.name, self.colour or PORTAL.colour, has_logo)

    def changed(self, wanted: "Branding", *, was: int) -> "Branding":
        """The branding anew, its logo cleaned; errors where it can't be shown."""
        if was != self.version:
            raise PreconditionError
        if wanted.colour is not None and _contrast_to_white(wanted.colour) < LEAST_CONTRAST:
            raise _flaw("colour", "too_light", "White words on this colour can't be read.")
        logo = None if wanted.logo is None else _checked(wanted.logo)
        return replace(wanted, logo=logo, version=self.version + 1)


def _checked(logo: bytes) -> bytes:
    if len(logo) > MOST_LOGO_BYTES:
        raise _flaw("logo", "too_large", f"At most {MOST_LOGO_BYTES // 1024} KiB are taken.")
    try:
        return cleaned_png(logo, LOGO_SIZE)
    except PngError as error:
        raise _flaw("logo", "no_png", str(error)) from error


def _flaw(field: str, code: str, detail: str) -> InvalidError:
    return InvalidError(fields=[FieldError(f"#/body/{field}", code, detail)])


def _contrast_to_white(colour: str) -> float:
    """The contrast ratio of WCAG 2.2, from 1 to 21."""
    red, green, blue = (_linear(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)


def _linear(share: float) -> float:
    return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4  # noqa: PLR2004 sRGB
