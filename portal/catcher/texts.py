"""The words of the catcher's pages, in German and English."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Texts:
    """Every word that a page shows; `lang` is the page's language tag."""

    lang: str
    title: str
    mail: str
    mails: str
    sender: str
    to: str
    cc: str
    bcc: str
    reply_to: str
    date: str
    attachments: str
    no_subject: str
    empty: str
    empty_what: str
    empty_how: str
    clear: str
    clear_sure: str
    back: str
    samples: str
    samples_what: str
    newer: str
    older: str
    text: str
    source: str
    headers: str
    no_html: str
    no_text: str
    body_of: str
    unread: str
    lost: str
    not_found: str
    failed: str


ENGLISH: Final = Texts(
    lang="en",
    title="Mail catcher",
    mail="mail",
    mails="mails",
    sender="From",
    to="To",
    cc="Cc",
    bcc="Bcc",
    reply_to="Reply to",
    date="Received",
    attachments="Attachments",
    no_subject="(no subject)",
    empty="No mail yet",
    empty_what="Every mail that the portal sends lands here instead of leaving this machine.",
    empty_how="Ask for a demo account's new password (POST /v1/password/forgot): the mail appears "
    "here by itself.",
    clear="Delete all",
    clear_sure="Delete all mails?",
    back="All mails",
    samples="Samples of every mail",
    samples_what="Every mail that the portal can send, in both languages, with made-up data.",
    newer="Newer",
    older="Older",
    text="Text",
    source="Source",
    headers="Headers",
    no_html="This mail has no HTML part.",
    no_text="This mail has no text part.",
    body_of="The mail as HTML",
    unread="unread",
    lost="The catcher does not answer; this list may be out of date.",
    not_found="There is no such page or mail here (any more).",
    failed="This request can't be carried out.",
)

GERMAN: Final = Texts(
    lang="de",
    title="E-Mail-Fänger",
    mail="E-Mail",
    mails="E-Mails",
    sender="Von",
    to="An",
    cc="Kopie",
    bcc="Blindkopie",
    reply_to="Antwort an",
    date="Empfangen",
    attachments="Anhänge",
    no_subject="(kein Betreff)",
    empty="Noch keine E-Mail",
    empty_what="Jede E-Mail des Portals landet hier, statt diesen Rechner zu verlassen.",
    empty_how="Ein neues Passwort für ein Demo-Konto anfordern (POST /v1/password/forgot): Die "
    "E-Mail erscheint hier von selbst.",
    clear="Alle löschen",
    clear_sure="Alle E-Mails löschen?",
    back="Alle E-Mails",
    samples="Muster aller E-Mails",
    samples_what="Jede E-Mail, die das Portal verschicken kann, in beiden Sprachen, mit erfundenen "
    "Daten.",
    newer="Neuere",
    older="Ältere",
    text="Text",
    source="Quelltext",
    headers="Kopfzeilen",
    no_html="Diese E-Mail hat keinen HTML-Teil.",
    no_text="Diese E-Mail hat keinen Textteil.",
    body_of="Die E-Mail als HTML",
    unread="ungelesen",
    lost="Der E-Mail-Fänger antwortet nicht; diese Liste ist vielleicht veraltet.",
    not_found="Diese Seite oder E-Mail gibt es hier nicht (mehr).",
    failed="Diese Anfrage lässt sich nicht ausführen.",
)


def texts_for(accept_language: str) -> Texts:
    """The reader's language by the `Accept-Language` header (RFC 9110 §12.5.4), else English."""
    weighed: list[tuple[float, str]] = []
    for choice in accept_language.split(","):
        tag, _, parameter = choice.partition(";")
        try:
            weight = float(parameter.strip().removeprefix("q=") or 1)
        except ValueError:
            weight = 0
        weighed.append((weight, tag.strip().lower().partition("-")[0]))
    for weight, language in sorted(weighed, key=lambda choice: -choice[0]):
        if weight > 0 and language in {"de", "en"}:
            return GERMAN if language == "de" else ENGLISH
    return ENGLISH
