"""What devices may use, asked by back ends of the vendor's products."""

from datetime import datetime
from typing import Final

from pydantic import Field, model_validator

from services.licensing.actions.check_entitlement import Asked, check, check_all
from services.licensing.deps import Deps
from services.licensing.domain.decisions import Code, Decision
from services.licensing.handlers.devices import Fingerprint
from shared.ids import OPAQUE_PATTERN
from shared.models import Model, Nothing
from shared.routing import Call, Reply

MOST: Final = 100
"""How many checks one request may ask for."""
_CODES: Final = (
    "`valid`, or the first of these that applies: "
    + ", ".join(f"`{code}`" for code in Code if code is not Code.VALID)
    + "."
)


class CheckBody(Model):
    """Either a device by its id, or a licence key, alone or with a device's fingerprint."""

    feature: str = Field(pattern=r"^[a-z0-9-]{1,64}$", examples=["cyber-defense-cloud"])
    device_id: str | None = Field(None, pattern=f"^{OPAQUE_PATTERN}$")
    licence_key: str | None = Field(None, min_length=1, max_length=64)
    fingerprint: Fingerprint | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> "CheckBody":
        if (self.device_id is None) == (self.licence_key is None):
            raise ValueError("Give either device_id or licence_key.")
        if self.device_id is not None and self.fingerprint is not None:
            raise ValueError("A fingerprint goes with licence_key.")
        return self

    def asked(self) -> Asked:
        return Asked(self.feature, self.device_id, self.licence_key, self.fingerprint)


class ChecksBody(Model):
    checks: list[CheckBody] = Field(min_length=1, max_length=MOST)


class DecisionView(Model):
    allowed: bool
    code: Code = Field(description=_CODES)
    until: datetime | None = Field(
        description="When this answer changes if nobody does anything; null where it never would."
    )
    max_age: int = Field(description="For how many seconds the answer may be kept, 0 for not.")
    tenant_id: str | None
    licence_id: str | None


class DecisionsView(Model):
    decisions: list[DecisionView] = Field(description="In the order of the checks.")


async def ask(call: Call[Deps, CheckBody, Nothing]) -> Reply[DecisionView]:
    """Check whether a device, or whoever has a licence key, may use a feature.

    For back ends of the vendor's products, which show an API key or a token with
    `entitlement:check`. `code` is `valid` or the first reason against it. `max-age` says for how
    long the answer may be kept: never beyond the instant at which it changes by itself. Whoever
    asks anew hears of a licence that was suspended or revoked at once.
    """
    view = _view(await check(call.deps, call.body.asked()), call.deps)
    return Reply(view, headers=_cached(view.max_age))


async def ask_many(call: Call[Deps, ChecksBody, Nothing]) -> Reply[DecisionsView]:
    """Check up to a hundred at once, each answered as if it were asked alone."""
    asked = [each.asked() for each in call.body.checks]
    views = [_view(each, call.deps) for each in await check_all(call.deps, asked)]
    return Reply(
        DecisionsView(decisions=views), headers=_cached(min(view.max_age for view in views))
    )


def _cached(seconds: int) -> dict[str, str]:
    return {"Cache-Control": f"private, max-age={seconds}"} if seconds else {}


def _view(decision: Decision, deps: Deps) -> DecisionView:
    licence = decision.licence
    return DecisionView(
        allowed=decision.is_allowed,
        code=decision.code,
        until=decision.until,
        max_age=int(decision.max_age(deps.now(), deps.decisions_kept).total_seconds()),
        tenant_id=licence.tenant_id if licence else None,
        licence_id=licence.id if licence else None,
    )
