"""A reseller's statement: what it owes for a month, a line per licence, told from the ledger.

A licence that is billed by use is charged for the devices that it had at the end of the month, or
of its own last day. A bought one is charged in the month in which it is bought: for all of its
seats when it is made, renewed or converted, for the further ones when it grows. Trials, a
reseller's own licences and carried-over units are free.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from services.licensing.domain.ledger import Act, Entry
from services.licensing.domain.licences import Licence
from services.licensing.domain.months import begins_at, first_day, last_day
from services.licensing.domain.products import LicenceModel, known_product
from services.licensing.domain.terms import today
from services.licensing.domain.usage import Measured
from shared.errors import ConflictError

SETTLING: Final = timedelta(hours=1)
"""How long after a month nothing is stated yet, so that all of it has been written down."""
_BUYS_ALL: Final = frozenset({Act.CREATED, Act.RENEWED, Act.CONVERTED})


class MonthNotOverError(ConflictError):
    code = "month_not_over"
    detail = "A month is stated when it is over and its last day has been measured."


@dataclass(frozen=True)
class Customer:
    """Whoever a licence is for, as far as it is known when the month is stated."""

    id: str
    name: str
    reseller_number: str | None = None
    address: str | None = None
    postcode: str | None = None
    city: str | None = None
    country: str | None = None
    is_sandbox: bool = False


@dataclass(frozen=True)
class Line:
    """Its fields are the columns, in their order; whoever adds one adds it at the end."""

    measured_on: date
    reseller_id: str
    reseller: str
    customer_id: str
    customer: str
    reseller_number: str | None
    product: str
    model: str
    licence_id: str
    licence_key: str
    """Its ending alone: who has a key activates devices with it."""
    units: int
    chargeable_units: int
    free_units: int
    free_until: date | None
    max_free_units: int | None
    licence_name: str
    order_number: str | None
    licensee: str
    customer_number: str
    address: str | None
    postcode: str | None
    city: str | None
    country: str | None
    created_on: date
    starts_on: date
    ends_on: date | None
    """Only where it was cancelled or revoked."""


@dataclass(frozen=True)
class Statement:
    reseller_id: str
    reseller: str
    month: str
    made_at: datetime
    lines: tuple[Line, ...]

    @property
    def chargeable_units(self) -> Mapping[str, int]:
        """By product."""
        sums: dict[str, int] = {}
        for line in self.lines:
            sums[line.product] = sums.get(line.product, 0) + line.chargeable_units
        return dict(sorted(sums.items()))

    @property
    def made(self) -> "Made":
        return Made(
            self.reseller_id, self.month, self.made_at, len(self.lines), self.chargeable_units
        )


@dataclass(frozen=True)
class Made:
    """That there is a statement, and what it comes to."""

    reseller_id: str
    month: str
    made_at: datetime
    lines: int
    chargeable_units: Mapping[str, int]


class FileKind(StrEnum):
    JSON = "json"
    CSV = "csv"
    XLSX = "xlsx"


@dataclass(frozen=True)
class SignedFile:
    body: bytes
    signature: str
    """A JWS over the body, without it (RFC 7515, appendix F)."""


@dataclass(frozen=True)
class Filed:
    """A statement as it is kept: as files, so that nothing that changes later changes it."""

    made: Made
    files: Mapping[FileKind, SignedFile]


@dataclass(frozen=True)
class Account:
    """What one licence's ledger says up to the end of the month, about one reseller."""

    licence: Licence
    """As the reseller had it last."""
    is_held: bool
    """Whether it is the reseller's at the end of the month."""
    bought: int
    """Seats that the reseller has bought for it in the month."""


def account(entries: Sequence[Entry], reseller_id: str, month: str) -> Account | None:
    """The licence's account from its entries in order; None where it was never this reseller's."""
    own = [entry for entry in entries if entry.after.reseller_id == reseller_id]
    if not own:
        return None
    within = (entry for entry in own if entry.at >= begins_at(month))
    return Account(
        licence=own[-1].after,
        is_held=entries[-1].after.reseller_id == reseller_id,
        bought=sum(map(_bought, within)),
    )


def line(
    known: Account, used: Iterable[Measured], customer: Customer, reseller: str, month: str
) -> Line | None:
    """The licence's line; None where it has nothing to do with this month."""
    licence = known.licence
    stopped_on = _stopped_on(licence)
    runs_to = min(filter(None, (last_day(month), licence.ends_on, stopped_on)))
    ran = known.is_held and licence.starts_on <= runs_to and runs_to >= first_day(month)
    if customer.is_sandbox or not (ran or known.bought):
        return None
    measured_on, units = _measured(licence, used, runs_to, month)
    free = _free(licence, units, measured_on)
    by_use = units - free if licence.model is LicenceModel.MSP and known.is_held else 0
    return Line(
        measured_on=measured_on,
        reseller_id=licence.reseller_id,
        reseller=reseller,
        customer_id=customer.id,
        customer=customer.name,
        reseller_number=_number(known, customer),
        product=licence.product,
        model=licence.model.value,
        licence_id=licence.id,
        licence_key=licence.key,
        units=units,
        chargeable_units=known.bought + by_use,
        free_units=free,
        free_until=licence.free_until,
        max_free_units=licence.free_units,
        licence_name=known_product(licence.product).name,
        order_number=licence.order_number,
        licensee=customer.name,
        customer_number=customer.id,
        address=customer.address,
        postcode=customer.postcode,
        city=customer.city,
        country=customer.country,
        created_on=today(licence.created_at),
        starts_on=licence.starts_on,
        ends_on=stopped_on,
    )


def _measured(
    licence: Licence, used: Iterable[Measured], runs_to: date, month: str
) -> tuple[date, int]:
    """On which day of the month its units are counted, and how many they are then."""
    last_on = max(runs_to, first_day(month))
    if licence.model is not LicenceModel.MSP:
        return last_on, licence.seats or 0
    counted = (each for each in used if each.day <= runs_to)
    last = max(counted, key=lambda each: each.day, default=None)
    return (last.day, last.seats_used) if last else (last_on, 0)


def _number(known: Account, customer: Customer) -> str | None:
    """The reseller's own number: as it is now, or as it was where another one has the customer."""
    own = known.licence.reseller_number
    return customer.reseller_number or own if known.is_held else own


def _bought(entry: Entry) -> int:
    """The seats that are bought by this act."""
    after, before = entry.after, entry.before
    if after.model is not LicenceModel.TERM:
        return 0
    if entry.act in _BUYS_ALL:
        return after.seats or 0
    if entry.act is Act.RESIZED and before is not None:
        return max(0, (after.seats or 0) - (before.seats or 0))
    return 0


def _stopped_on(licence: Licence) -> date | None:
    """Its last day where it was cancelled or revoked."""
    if licence.revoked_at is not None:
        return today(licence.revoked_at)
    return licence.ends_on if licence.cancelled_at is not None else None


def _free(licence: Licence, units: int, day: date) -> int:
    """How many of the units cost nothing on this day."""
    match licence.model:
        case LicenceModel.TRIAL | LicenceModel.NFR:
            return units
        case LicenceModel.TERM:
            return 0
        case LicenceModel.MSP:
            until = licence.free_until
            return min(units, licence.free_units or 0) if until and day <= until else 0
