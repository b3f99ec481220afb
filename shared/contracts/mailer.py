"""Events that the mailer publishes."""

from shared.contracts.events import Event, Service


class BrandingChanged(
    Event,
    type="portal.mailer.branding.changed.v1",
    about="reseller_id",
    readers=(Service.TENANCY,),
):
    """Mails to a reseller's staff and customers look otherwise from now on."""

    reseller_id: str
    name: str | None = None
    colour: str | None = None
    sender_name: str | None = None
    has_logo: bool
