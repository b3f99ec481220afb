"""Making, reading and editing resellers."""

import secrets
from dataclasses import dataclass
from typing import Any, Final

import structlog

from services.tenancy.actions.tell import tell
from services.tenancy.deps import Deps
from services.tenancy.domain.email_domains import DomainTakenError
from services.tenancy.domain.resellers import Reseller, ResellerStatus
from shared.contracts.tenancy import FirstAdmin, ResellerChanged, ResellerCreated
from shared.errors import NotFoundError, PreconditionError
from shared.mongo.errors import DuplicateKeyError
from shared.outbox import Transaction

log = structlog.get_logger()
SUFFIX: Final = "rsp"
_TRIES: Final = 20


@dataclass(frozen=True)
class NewReseller:
    """A company that is to sell, and who of it is invited first."""

    name: str
    locale: str
    primary_user: FirstAdmin


async def create_reseller(deps: Deps, *, reseller_id: str, name: str, locale: str) -> bool:
    """Authorise a new reseller; False, and nothing changed, where there is one of this id."""
    reseller = Reseller(reseller_id, name, ResellerStatus.AUTHORISED, locale, 1, deps.now())
    try:
        await _add(deps, reseller, None)
    except DuplicateKeyError:
        return False
    return True


async def set_up_reseller(deps: Deps, wanted: NewReseller) -> Reseller:
    """A new prospect under an id that nobody can foretell; its primary user is invited."""
    for _ in range(_TRIES):
        reseller_id = f"{100_000 + secrets.randbelow(900_000)}.{SUFFIX}"
        reseller = Reseller(
            reseller_id, wanted.name, ResellerStatus.PROSPECT, wanted.locale, 1, deps.now()
        )
        try:
            await _add(deps, reseller, wanted.primary_user)
        except DuplicateKeyError:
            continue  # the id is taken
        return reseller
    raise RuntimeError("Six digits are no longer enough for the resellers there are.")


async def _add(deps: Deps, reseller: Reseller, primary_user: FirstAdmin | None) -> None:
    created = ResellerCreated(
        reseller_id=reseller.id,
        name=reseller.name,
        locale=reseller.locale,
        status=reseller.status,
        primary_user=primary_user,
    )

    async def act(transaction: Transaction) -> None:
        await deps.resellers.add(reseller, transaction.session)
        await tell(
            deps,
            created,
            place=reseller.id,
            reason=None,
            sequence=reseller.version,
            transaction=transaction,
        )

    await deps.transact(act)
    log.info("reseller_created", reseller_id=reseller.id)


async def list_resellers(
    deps: Deps, status: ResellerStatus | None, after: str | None, limit: int
) -> list[Reseller]:
    """Resellers by id, and one more than asked for where there are more."""
    return await deps.resellers.page(status, after, limit + 1)


async def read_reseller(deps: Deps, reseller_id: str) -> Reseller:
    reseller = await deps.resellers.get(reseller_id)
    if reseller is None:
        raise NotFoundError
    return reseller


@dataclass(frozen=True)
class ResellerEdit:
    """What to change of a reseller; None leaves it as it is."""

    name: str | None = None
    locale: str | None = None
    email_domains: tuple[str, ...] | None = None


async def edit_reseller(deps: Deps, reseller_id: str, edit: ResellerEdit, *, was: int) -> Reseller:
    """Change what is given, if the reseller is still at the version that the caller read.

    DomainTakenError where one of the domains belongs to another reseller or to any customer.
    """

    async def act(transaction: Transaction) -> Reseller:
        reseller = await deps.resellers.get(reseller_id, transaction.session)
        if reseller is None:
            raise NotFoundError
        if reseller.version != was:
            raise PreconditionError
        edited = reseller.edited(
            name=edit.name, locale=edit.locale, email_domains=edit.email_domains
        )
        if edited.name != reseller.name:
            await deps.synced.must_not_be_theirs(reseller_id, transaction)
        if edited is not reseller:
            if not await deps.email_domains.assign(
                reseller_id, edited.email_domains, transaction.session
            ):
                raise DomainTakenError
            await deps.resellers.save(edited, was=was, session=transaction.session)
            await tell(
                deps,
                ResellerChanged(**facts(edited)),
                place=edited.id,
                reason=None,
                sequence=edited.version,
                transaction=transaction,
            )
        return edited

    try:
        edited = await deps.transact(act)
    except DuplicateKeyError as error:
        raise DomainTakenError from error
    log.info("reseller_edited", reseller_id=reseller_id, version=edited.version)
    return edited


def facts(reseller: Reseller) -> dict[str, Any]:
    """The fields that events about a reseller share."""
    return {
        "reseller_id": reseller.id,
        "name": reseller.name,
        "locale": reseller.locale,
        "status": reseller.status.value,
        "email_domains": list(reseller.email_domains),
    }
