"""The words of the gateway's own pages, in German and English."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from services.gateway.domain.languages import Language


@dataclass(frozen=True)
class LinkTexts:
    """The words of a page that does the one thing that a mail's link is for."""

    heading: str
    intro: str
    button: str
    link_invalid: str
    done: str
    done_what: str
    done_then: str


@dataclass(frozen=True)
class PasswordTexts(LinkTexts):
    """What differs between choosing a first password and replacing a forgotten one."""

    hint: str
    too_short: str


@dataclass(frozen=True)
class Texts:
    """Every word that a page shows; `lang` is the page's language tag."""

    lang: Language
    skip: str
    start_heading: str
    start_what: str
    start_reference: str
    start_reference_what: str
    start_document: str
    start_document_what: str
    start_sign_in: str
    start_sign_in_what: str
    start_sign_in_then: str
    start_link: str
    elsewhere_refused: str
    elsewhere_away: str
    label_new: str
    label_repeat: str
    show: str
    sending: str
    needs_script: str
    differs: str
    too_long: str
    too_common: str
    too_obvious: str
    link_missing: str
    busy: str
    unreachable: str
    failed: str
    reset: PasswordTexts
    invitation: PasswordTexts
    stop: LinkTexts
    stop_too_late: str
    unsubscribe: LinkTexts


ENGLISH: Final = Texts(
    lang="en",
    skip="Skip to content",
    start_heading="Mobile Security Portal",
    start_what="This is the door for resellers and customers: tenants, users and licences of the "
    "mobile security products are managed here.",
    start_reference="API reference",
    start_reference_what="every operation with its parameters, bodies and permissions",
    start_document="OpenAPI document",
    start_document_what="the same for programs, OpenAPI 3.1 in JSON",
    start_sign_in="Sign in",
    start_sign_in_what="Sign in through the API with your username, your password and your tenant "
    "domain:",
    start_sign_in_then="Where two-factor authentication is active, the answer asks for the code at "
    "POST /v1/login/totp. With the access token, GET /v1/me tells who you are.",
    start_link="To the start page",
    elsewhere_refused="The sign-in with your Reseller Portal account did not work. Please start it "
    "again; if it fails again, ask your administrator.",
    elsewhere_away="The Reseller Portal can't be reached just now. Please try again in a moment.",
    label_new="New password",
    label_repeat="Repeat the new password",
    show="Show passwords",
    sending="One moment …",
    needs_script="This page needs JavaScript. Please switch it on for this page, then open the "
    "link from the e-mail again.",
    differs="The two passwords are not the same.",
    too_long="This password is too long: use at most 256 characters.",
    too_common="This password is among those that are tried first: use one that nobody else has.",
    too_obvious="This password is too easy to guess: use something other than your name, the "
    "tenant domain or the product.",
    link_missing="Please open the link from the e-mail once more; this address lacks its key.",
    busy="The portal is busy just now. Please try again in a moment.",
    unreachable="The portal can't be reached. Check your connection, then try again.",
    failed="That did not work, and not because of you. Please try again in a few minutes.",
    reset=PasswordTexts(
        heading="Choose a new password",
        intro="It replaces the password of your account.",
        hint="At least 15 characters; 8 are enough where two-factor authentication is active. "
        "Several words that belong to nobody but you make a good password.",
        too_short="This password is too short: at least 15 characters, or 8 where two-factor "
        "authentication is active.",
        link_invalid="This link is no longer valid: it was used, has expired or was replaced by "
        "a newer one. Please ask for a new one.",
        button="Change password",
        done="Your password is changed",
        done_what="You can now sign in with it. Wherever you were signed in, you no longer are.",
        done_then="Your two-factor authentication stays as it is: where it is active, "
        "we still ask for the code.",
    ),
    invitation=PasswordTexts(
        heading="Welcome! Choose your password",
        intro="With it your account in the Mobile Security Portal is ready.",
        hint="At least 15 characters. Several words that belong to nobody but you make a good "
        "password.",
        too_short="This password is too short: use at least 15 characters.",
        link_invalid="This link is no longer valid: it was used, has expired or was replaced by "
        "a newer one. Please ask whoever invited you for a new invitation.",
        button="Choose password",
        done="Your password is set",
        done_what="You can now sign in with your username, this password and the tenant domain; "
        "the invitation mail names them.",
        done_then="Signing in will ask you to activate two-factor authentication; have "
        "an authenticator app at hand.",
    ),
    stop=LinkTexts(
        heading="Keep your second factor",
        intro="An administrator wants to remove the two-factor authentication of your account. "
        "If you did not ask for that, stop it here.",
        button="Stop the removal",
        link_invalid="This link is no longer valid: it was used, or the second factor has been "
        "removed already. In case of doubt, please tell your administrator at once.",
        done="Your second factor stays",
        done_what="Nothing is removed. You sign in with the code from your authenticator app as "
        "before.",
        done_then="If you did not ask anybody for this, please change your password and tell your "
        "administrator.",
    ),
    stop_too_late="Your second factor has been removed already. If you did not ask for that, "
    "please choose a new password at once, activate a second factor again and tell your "
    "administrator.",
    unsubscribe=LinkTexts(
        heading="No more mails of this kind",
        intro="You can do without mails about licences and orders. Mails about your own account, "
        "such as a new password, keep coming.",
        button="Send me none of these",
        link_invalid="This link is not valid. Please open the one at the foot of a newer e-mail.",
        done="You will get no more of these",
        done_what="Mails about licences and orders no longer come to you. Your colleagues still "
        "get theirs.",
        done_then="Mails about your own account keep coming.",
    ),
)

GERMAN: Final = Texts(
    lang="de",
    skip="Zum Inhalt",
    start_heading="Mobile Security Portal",
    start_what="Hier ist der Eingang für Reseller und Kunden: Tenants, Benutzer und Lizenzen der "
    "mobilen Sicherheitsprodukte werden hier verwaltet.",
    start_reference="API-Referenz",
    start_reference_what="jede Operation mit Parametern, Inhalten und Rechten (englisch)",
    start_document="OpenAPI-Dokument",
    start_document_what="dasselbe für Programme, OpenAPI 3.1 in JSON",
    start_sign_in="Anmelden",
    start_sign_in_what="Melden Sie sich über die API mit Benutzername, Passwort und Tenant Domäne "
    "an:",
    start_sign_in_then="Ist die Zwei-Faktor-Authentifizierung aktiv, fragt die Antwort nach dem "
    "Code für POST /v1/login/totp. Mit dem Access-Token sagt GET /v1/me, wer Sie sind.",
    start_link="Zur Startseite",
    elsewhere_refused="Die Anmeldung mit Ihrem Konto des Reseller-Portals hat nicht geklappt. "
    "Bitte beginnen Sie noch einmal; hilft das nicht, fragen Sie Ihre Verwaltung.",
    elsewhere_away="Das Reseller-Portal ist gerade nicht erreichbar. Bitte versuchen Sie es gleich "
    "noch einmal.",
    label_new="Neues Passwort",
    label_repeat="Neues Passwort wiederholen",
    show="Passwörter anzeigen",
    sending="Einen Moment …",
    needs_script="Diese Seite braucht JavaScript. Bitte schalten Sie es für diese Seite ein und "
    "öffnen Sie dann den Link aus der E-Mail erneut.",
    differs="Die beiden Passwörter sind nicht gleich.",
    too_long="Dieses Passwort ist zu lang: höchstens 256 Zeichen.",
    too_common="Dieses Passwort gehört zu denen, die zuerst probiert werden: Wählen Sie eines, "
    "das sonst niemand hat.",
    too_obvious="Dieses Passwort ist zu leicht zu erraten: Wählen Sie etwas anderes als Ihren "
    "Namen, die Tenant Domäne oder das Produkt.",
    link_missing="Bitte öffnen Sie den Link aus der E-Mail noch einmal; dieser Adresse fehlt der "
    "Schlüssel.",
    busy="Das Portal ist gerade ausgelastet. Bitte versuchen Sie es gleich noch einmal.",
    unreachable="Das Portal ist nicht erreichbar. Prüfen Sie Ihre Verbindung und versuchen Sie "
    "es erneut.",
    failed="Das hat nicht geklappt, und es liegt nicht an Ihnen. Bitte versuchen Sie es in "
    "einigen Minuten erneut.",
    reset=PasswordTexts(
        heading="Neues Passwort wählen",
        intro="Es ersetzt das Passwort Ihres Kontos.",
        hint="Mindestens 15 Zeichen; 8 genügen, wenn die Zwei-Faktor-Authentifizierung aktiv ist. "
        "Gut sind mehrere Wörter, die niemand mit Ihnen verbindet.",
        too_short="Dieses Passwort ist zu kurz: mindestens 15 Zeichen, oder 8, wenn die "
        "Zwei-Faktor-Authentifizierung aktiv ist.",
        link_invalid="Dieser Link gilt nicht mehr: Er wurde schon benutzt, ist abgelaufen oder "
        "durch einen neueren ersetzt. Bitte fordern Sie einen neuen an.",
        button="Passwort ändern",
        done="Ihr Passwort ist geändert",
        done_what="Sie können sich jetzt damit anmelden. Überall, wo Sie angemeldet waren, sind "
        "Sie es nicht mehr.",
        done_then="Ihre Zwei-Faktor-Authentifizierung bleibt, wie sie ist: Wo sie aktiv "
        "ist, fragen wir weiterhin nach dem Code.",
    ),
    invitation=PasswordTexts(
        heading="Willkommen! Wählen Sie Ihr Passwort",
        intro="Damit ist Ihr Konto im Mobile Security Portal bereit.",
        hint="Mindestens 15 Zeichen. Gut sind mehrere Wörter, die niemand mit Ihnen verbindet.",
        too_short="Dieses Passwort ist zu kurz: mindestens 15 Zeichen.",
        link_invalid="Dieser Link gilt nicht mehr: Er wurde schon benutzt, ist abgelaufen oder "
        "durch einen neueren ersetzt. Bitten Sie die Person, die Sie eingeladen hat, um eine neue "
        "Einladung.",
        button="Passwort wählen",
        done="Ihr Passwort ist gesetzt",
        done_what="Sie können sich jetzt mit Benutzername, diesem Passwort und der Tenant Domäne "
        "anmelden; sie stehen in der Einladung.",
        done_then="Bei der Anmeldung werden Sie gebeten, die "
        "Zwei-Faktor-Authentifizierung zu aktivieren; halten Sie eine Authenticator-App bereit.",
    ),
    stop=LinkTexts(
        heading="Zweiten Faktor behalten",
        intro="Ein Administrator will die Zwei-Faktor-Authentifizierung Ihres Kontos entfernen. "
        "Haben Sie nicht darum gebeten, stoppen Sie das hier.",
        button="Entfernen stoppen",
        link_invalid="Dieser Link gilt nicht mehr: Er wurde schon benutzt, oder der zweite Faktor "
        "ist bereits entfernt. Sagen Sie im Zweifel sofort Ihrem Administrator Bescheid.",
        done="Ihr zweiter Faktor bleibt",
        done_what="Es wird nichts entfernt. Sie melden sich wie bisher mit dem Code aus Ihrer "
        "Authenticator-App an.",
        done_then="Haben Sie niemanden darum gebeten, ändern Sie bitte Ihr Passwort und sagen Sie "
        "Ihrem Administrator Bescheid.",
    ),
    stop_too_late="Ihr zweiter Faktor ist bereits entfernt. Haben Sie nicht darum gebeten, wählen "
    "Sie bitte sofort ein neues Passwort, richten Sie wieder einen zweiten Faktor ein und "
    "sagen Sie Ihrem Administrator Bescheid.",
    unsubscribe=LinkTexts(
        heading="Keine E-Mails dieser Art mehr",
        intro="E-Mails über Lizenzen und Bestellungen können Sie abbestellen. E-Mails zu Ihrem "
        "eigenen Konto, etwa zu einem neuen Passwort, kommen weiterhin.",
        button="Abbestellen",
        link_invalid="Dieser Link gilt nicht. Bitte öffnen Sie den am Fuß einer neueren E-Mail.",
        done="Sie bekommen keine mehr",
        done_what="E-Mails über Lizenzen und Bestellungen kommen nicht mehr zu Ihnen. Ihre "
        "Kollegen bekommen ihre weiterhin.",
        done_then="E-Mails zu Ihrem eigenen Konto kommen weiterhin.",
    ),
)

TEXTS: Final[Mapping[Language, Texts]] = {"de": GERMAN, "en": ENGLISH}
