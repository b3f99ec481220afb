"""What may be asked of the mailer: where mails are, how they look, which addresses take none."""

from typing import Final

from services.mailer.deps import Deps
from services.mailer.handlers import branding, mails, suppressions, unsubscribing
from shared.access import Permission
from shared.callers import Caller
from shared.contracts.events import Service
from shared.dead_letter_routes import dead_letter_routes
from shared.paging import PageQuery
from shared.routing import Route, delete, get, post, put

ROUTES: Final[list[Route[Deps]]] = [
    post(
        "/v1/mail/unsubscribe",
        unsubscribing.stop,
        access=Caller.MAIL_LINK,
        body=unsubscribing.UnsubscribeForm,
        query=unsubscribing.UnsubscribeQuery,
        status=204,
    ),
    get(
        "/v1/resellers/{rid}/branding",
        branding.read,
        access=Permission.RESELLER_READ,
        answers=branding.BrandingView,
    ),
    put(
        "/v1/resellers/{rid}/branding",
        branding.replace,
        access=Permission.USER_MANAGE,
        body=branding.BrandingBody,
        answers=branding.BrandingView,
    ),
    post(
        "/v1/vendor/bounces",
        suppressions.take,
        access=Permission.MAIL_READ,
        body=suppressions.BounceBody,
        answers=suppressions.BounceView,
    ),
    *dead_letter_routes(Service.MAILER),
    get(
        "/v1/vendor/mails",
        mails.list_newest,
        access=Permission.MAIL_READ,
        query=mails.MailsQuery,
        answers=mails.MailsView,
    ),
    get(
        "/v1/vendor/mails/{id}",
        mails.read,
        access=Permission.MAIL_READ,
        answers=mails.MailDetailsView,
    ),
    get(
        "/v1/vendor/suppressions",
        suppressions.list_newest,
        access=Permission.MAIL_READ,
        query=PageQuery,
        answers=suppressions.SuppressionsView,
    ),
    delete(
        "/v1/vendor/suppressions/{id}",
        suppressions.lift,
        access=Permission.MAIL_READ,
        status=204,
    ),
]
