"""The portal's own way of events: transaction with outbox, relay, bus, inbox transaction."""

import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import uvloop
from pydantic import SecretStr

from bench.programs.plan import Plan, Tally, produce
from shared.clock import utc_now
from shared.contracts.auth import PasswordChanged
from shared.contracts.events import Service
from shared.inbox import Received, Subscription, on
from shared.keys import signing_keys
from shared.logs import configure_logging
from shared.mongo.collection import Collection
from shared.outbox import Transaction
from shared.service import Foundation, foundation, rabbit, serving
from shared.settings import ServiceSettings


async def main(plan: Plan) -> None:
    if plan.role == "produce":
        await _produce(plan)
    else:
        await _consume(plan)


async def _produce(plan: Plan) -> None:
    async with _service(Service.AUTH, plan) as base, serving(base, None, routes=()):
        changes = base.mongo.collection("changes")
        await changes.insert({"_id": "first"})

        async def commit(name: str) -> None:
            async def work(tx: Transaction) -> None:
                await changes.insert({"_id": name, "changed_at": base.now()}, session=tx.session)
                tx.publish(_event(name))

            await base.outbox.transact(work)

        await produce(plan, commit)


def _event(name: str) -> PasswordChanged:
    return PasswordChanged(
        account_id=name,
        org="123456.sms",
        username="admin",
        email="admin@123456-sms.example",
        locale="de",
        changed_at=utc_now(),
    )


async def _consume(plan: Plan) -> None:
    tally = Tally(plan)

    async def handle(
        effects: Collection, event: Received[PasswordChanged], tx: Transaction
    ) -> None:
        tally.note(event.body.account_id)
        effect = {"_id": event.body.account_id, "changed_at": event.body.changed_at}
        await effects.insert(effect, session=tx.session)

    subscriptions: Sequence[Subscription[Collection]] = [on(PasswordChanged, handle)]
    async with _service(Service.MAILER, plan) as base:
        effects = base.mongo.collection("effects")
        await effects.insert({"_id": "first"})
        async with serving(base, effects, routes=(), subscriptions=subscriptions):
            await tally.complete()


@asynccontextmanager
async def _service(service: Service, plan: Plan) -> AsyncIterator[Foundation]:
    settings = ServiceSettings(
        port=0,
        mongo_url=plan.mongo_url,
        amqp_url=plan.amqp_url,
        database_prefix=plan.database_prefix,
        pass_public_keys=SecretStr(signing_keys().public()),
    )
    async with foundation(service, settings, rabbit(plan.amqp_url)) as base:
        yield base


if __name__ == "__main__":
    configure_logging()
    uvloop.run(main(Plan.model_validate_json(sys.argv[1])))
