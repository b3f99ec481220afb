"""The portal's bus alone: confirmed publishing and acknowledged consuming, as services do both."""

import sys

import uvloop

from bench.programs.bus_plan import BusPlan, Run
from shared.clock import utc_now
from shared.contracts.auth import PasswordResetRequested
from shared.contracts.events import CloudEvent, Service
from shared.ids import new_id
from shared.rabbitmq import RabbitBus


async def main(plan: BusPlan) -> None:
    bus, run = RabbitBus(plan.amqp_url, "bench"), Run(plan)
    await bus.open()

    async def handle(event: CloudEvent) -> None:
        run.note(PasswordResetRequested.model_validate(event.data).account_id)

    async def publish(name: str) -> None:
        assert await bus.publish([an_event(name)])

    await bus.subscribe(Service.MAILER, handle)
    await run.carry_out(publish)
    await bus.stop_consuming()
    await bus.close()


def an_event(name: str) -> CloudEvent:
    body = PasswordResetRequested(
        account_id=name,
        org="123456.sms",
        username="admin",
        email="admin@123456-sms.example",
        locale="de",
        sealed_token="-" * 200,
        expires_at=utc_now(),
    )
    return CloudEvent(
        id=new_id(),
        source="/portal/auth",
        type=body.type,
        subject=name,
        time=utc_now(),
        sequence=1,
        tenantid="123456.sms",
        correlationid=new_id(),
        data=body.model_dump(mode="json"),
    )


if __name__ == "__main__":
    uvloop.run(main(BusPlan.model_validate_json(sys.argv[1])))
