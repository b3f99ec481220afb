"""Messages that the Reseller Portal sends: what its companies, customers, people and orders are.

Each names its company by our reseller id and says all that the Reseller Portal owns of a record, as
it is at the envelope's `sequence`, which grows with each change of that record.
docs/reseller-portal.md says which side owns what.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, Field, StringConstraints, model_validator

from shared.contracts.events import Event, Service
from shared.contracts.sync import IdRange, RecordId
from shared.fields import Locale, TypedEmail, TypedName, TypedUsername
from shared.ids import OPAQUE_PATTERN, RESELLER_PATTERN

ResellerId = Annotated[str, StringConstraints(pattern=rf"^{RESELLER_PATTERN}$")]
TenantId = Annotated[str, StringConstraints(pattern=r"^[0-9]{6,10}\.sms$")]
OpaqueId = Annotated[str, StringConstraints(pattern=rf"^{OPAQUE_PATTERN}$")]
Subject = Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]{1,255}$")]
"""What the Reseller Portal's OpenID provider calls a person: `sub` (OpenID Connect Core, 2)."""
Kind = Literal["company", "customer", "person", "licence", "licence_order"]
MessageId = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
StaffRole = Literal["reseller-admin", "reseller-sales", "reseller-support"]


class OfCompany(BaseModel):
    reseller_id: ResellerId


class CompanyUpserted(
    OfCompany,
    Event,
    type="reseller-portal.company.upserted.v1",
    about="reseller_id",
    readers=(Service.TENANCY,),
):
    """A company of resellers is so; one that is not known here becomes a reseller."""

    name: TypedName
    initial_locale: Locale = "de"
    """Taken for a reseller that is new here."""
    is_verified: bool
    """A verified one is authorised here, once. Suspending and resuming it is done here."""


class CompanyRemoved(
    OfCompany,
    Event,
    type="reseller-portal.company.removed.v1",
    about="reseller_id",
    readers=(Service.TENANCY,),
):
    """There is no such company any more: the reseller is terminated, for good."""


class CustomerUpserted(
    OfCompany,
    Event,
    type="reseller-portal.customer.upserted.v1",
    about="tenant_id",
    readers=(Service.TENANCY,),
):
    """A customer of a company is so; one that is not known here becomes a tenant to be set up."""

    tenant_id: TenantId
    name: TypedName
    reseller_number: TypedName | None = None
    """The reseller's own number for the customer; none takes it away."""
    initial_locale: Locale = "de"


class CustomerRemoved(
    OfCompany,
    Event,
    type="reseller-portal.customer.removed.v1",
    about="tenant_id",
    readers=(Service.TENANCY,),
):
    """A customer is none any more: its tenant is closed, and deleted after the usual time."""

    tenant_id: TenantId


class UserUpserted(
    OfCompany,
    Event,
    type="reseller-portal.user.upserted.v1",
    about="user_id",
    readers=(Service.AUTH,),
):
    """Somebody of a company's staff is so; who is not known here gets an account labelled RSP."""

    user_id: Subject
    username: TypedUsername
    email: TypedEmail
    display_name: TypedName
    locale: Locale = "de"
    initial_roles: list[StaffRole]
    """Taken for an account that is new here; roles are given and taken here."""
    is_active: bool = True


class UserRemoved(
    OfCompany,
    Event,
    type="reseller-portal.user.removed.v1",
    about="user_id",
    readers=(Service.AUTH,),
):
    """Somebody is no longer of a company's staff: the account is deleted."""

    user_id: Subject


class LicenceOrderOrdered(
    OfCompany,
    Event,
    type="reseller-portal.licence_order.ordered.v1",
    about="order_id",
    readers=(Service.LICENSING,),
):
    """A company orders a licence for a customer of its own. An order is made once."""

    order_id: OpaqueId
    tenant_id: TenantId
    product: OpaqueId
    model: Literal["term", "msp", "trial", "nfr"] = "term"
    seats: int | None = Field(None, ge=1, le=100_000)
    term_months: int | None = Field(None, ge=1, le=120)


class UnknownSent(
    Event,
    type="reseller-portal.unknown.sent.v1",
    about="unknown",
    readers=(Service.TENANCY,),
):
    """The Reseller Portal sent something of a type that there is not. It is refused."""

    unknown: str


class ChecksumsCompared(
    OfCompany,
    Event,
    type="reseller-portal.checksums.compared.v1",
    about="reseller_id",
    readers=(Service.AUTH, Service.LICENSING, Service.TENANCY),
):
    """The Reseller Portal says what its records of a company come to. Where a kind differs, it is
    told the checksums of ranges, and compares the records of those that differ.
    """

    checksums: dict[Kind, Digest] = Field(examples=[{"customer": "0f" * 32}])
    """Per kind. Kinds that are not named are not compared."""


class RecordsCompared(
    OfCompany,
    Event,
    type="reseller-portal.records.compared.v1",
    about="reseller_id",
    readers=(Service.AUTH, Service.LICENSING, Service.TENANCY),
):
    """The Reseller Portal says which records of a company it has. What differs is told to it, and
    sent again; a kind with no records at all is sent whole.
    """

    digests: dict[Kind, dict[RecordId, Digest]] = Field(
        examples=[{"customer": {"1234567.sms": "0f" * 32}}]
    )
    """Per kind the digest of each record. Kinds that are not named are not compared."""
    ranges: dict[Kind, IdRange] | None = Field(
        None, examples=[{"customer": {"after": "1234000.sms", "until": "1239999.sms"}}]
    )
    """The kinds of which only the records in this range are compared."""
    part_of: MessageId | None = None
    """The id of the comparison of checksums that this is a part of."""

    @model_validator(mode="after")
    def _must_be_in_range(self) -> "RecordsCompared":
        for kind, within in (self.ranges or {}).items():
            if kind not in self.digests:
                raise ValueError("A range is of a kind that is compared.")
            if not all(within.holds(record) for record in self.digests[kind]):
                raise ValueError("What is compared of a kind with a range is in that range.")
        return self
