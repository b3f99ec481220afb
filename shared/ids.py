"""Identifiers: how organisations are named and how new ids are made."""

import re
import uuid
from enum import StrEnum
from typing import Annotated, Final

from pydantic import AfterValidator, BeforeValidator, StringConstraints

VENDOR: Final = "vendor"
"""The one organisation without a number: whoever makes and sells the product."""

VENDOR_PATHS: Final = f"/v1/{VENDOR}/"
"""Operations whose place is the vendor, as no variable of their path could say."""

RESELLER_PATTERN: Final = r"[0-9]{6,10}\.rsp"
TENANT_PATTERN: Final = r"[0-9]{6,10}\.(?!rsp\b)[a-z]{2,10}"
OPAQUE_PATTERN: Final = r"[A-Za-z0-9_-]{1,64}"


class OrgKind(StrEnum):
    VENDOR = "vendor"
    RESELLER = "reseller"
    TENANT = "tenant"


def kind_of(org: str) -> OrgKind | None:
    """What sort of organisation an id names, or None where it names none at all."""
    if org == VENDOR:
        return OrgKind.VENDOR
    if re.fullmatch(RESELLER_PATTERN, org):
        return OrgKind.RESELLER
    if re.fullmatch(TENANT_PATTERN, org):
        return OrgKind.TENANT
    return None


def new_id() -> str:
    """A fresh random id (RFC 9562, version 4) as 32 hexadecimal digits."""
    return uuid.uuid4().hex


def _trimmed_lower(value: object) -> object:
    return value.strip().lower() if isinstance(value, str) else value


TypedOrg = Annotated[str, StringConstraints(max_length=64), BeforeValidator(_trimmed_lower)]
"""An organisation's id as a person types it: spaces and case mean nothing. Any form is taken, so
that what can be no id is answered like one that is somebody else's.
"""

TypedId = Annotated[str, StringConstraints(max_length=64)]
"""The id of something else within a body or a query; as there, any form is taken."""


def _must_name_a_tenant(value: str) -> str:
    if kind_of(value) is not OrgKind.TENANT:
        raise ValueError("A tenant id looks like 123456.sms.")
    return value


TypedTenant = Annotated[TypedOrg, AfterValidator(_must_name_a_tenant)]
"""A tenant's id where all tenants are the caller's business; anything else is refused."""
