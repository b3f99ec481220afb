"""Where the addresses of a reseller's staff may be, once the vendor has said so."""

from collections.abc import Iterable, Sequence

from services.auth.deps import Deps
from services.auth.domain.users import ForeignAddressError, domain_of
from shared.ids import OrgKind, kind_of
from shared.outbox import Transaction


async def foreign_domains(deps: Deps, org: str, addresses: Iterable[str]) -> set[str]:
    """The domains of these addresses at which nobody of this organisation is invited."""
    if kind_of(org) is not OrgKind.RESELLER:
        return set()
    return await deps.email_domains.foreign(org, {domain_of(one) for one in addresses})


async def must_be_at_home(deps: Deps, org: str, address: str) -> None:
    if await foreign_domains(deps, org, [address]):
        raise ForeignAddressError


async def note_domains(
    deps: Deps, org: str, domains: Sequence[str] | None, sequence: int, tx: Transaction
) -> None:
    """Keep an organisation's domains, where they were told."""
    if domains is not None:
        await deps.email_domains.note(org, domains, sequence, tx)
