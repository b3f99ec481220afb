"""Auth's own events that auth takes in."""

from services.auth.actions.forgotten_password import follow_report
from services.auth.deps import Deps
from shared.contracts.auth import ForgottenPasswordReported
from shared.inbox import Received
from shared.outbox import Transaction


async def forgotten_password_reported(
    deps: Deps, event: Received[ForgottenPasswordReported], tx: Transaction
) -> None:
    await follow_report(deps, event.body, tx)
