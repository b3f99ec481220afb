"""Makes the first account of a fresh installation: there is no default credential anywhere."""

from pydantic import BaseModel, ConfigDict, ValidationError

from services.auth.actions.first_account import create_vendor_admin
from services.auth.actions.invite import NewUser
from services.auth.app import build
from services.auth.settings import AuthSettings
from shared.access import Role
from shared.bus import Hub
from shared.contracts.events import Service
from shared.fields import Locale, TypedEmail, TypedName, TypedUsername
from shared.service import foundation, in_process, rabbit


class FirstAccount(BaseModel):
    """Who is to be the vendor's first administrator."""

    model_config = ConfigDict(frozen=True)

    username: TypedUsername
    email: TypedEmail
    display_name: TypedName
    locale: Locale

    @classmethod
    def of(cls, *, username: str, email: str, name: str | None, locale: str) -> "FirstAccount":
        """ValueError, naming the options, where these are no such values."""
        given = {
            "username": username,
            "email": email,
            "display_name": name or username,
            "locale": locale,
        }
        try:
            return cls.model_validate(given)
        except ValidationError as error:
            options = sorted({f"--{flaw['loc'][0]}" for flaw in error.errors()})
            text = ", ".join(options).replace("--display_name", "--name")
            raise ValueError(f"Not accepted: {text}.") from error


async def create(settings: AuthSettings, wanted: FirstAccount, *, by_mail: bool) -> str:
    """Invite the administrator; returns the invitation's link, which works once.

    ConflictError where the vendor has an administrator already.
    """
    connect = rabbit(settings.amqp_url) if by_mail else in_process(Hub())  # a link needs no bus
    async with foundation(Service.AUTH, settings, connect) as base:
        deps = await build(base, settings)
        try:
            user = NewUser(
                username=wanted.username,
                email=wanted.email,
                display_name=wanted.display_name,
                locale=wanted.locale,
                roles=(Role.VENDOR_ADMIN,),
            )
            token = await create_vendor_admin(deps, user, by_mail=by_mail)
            await base.outbox.flush()
        finally:
            deps.hasher.close()
    return f"{settings.public_url}/accept-invitation?token={token}"
