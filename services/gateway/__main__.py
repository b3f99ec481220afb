"""Run the gateway as a process of its own."""

from services.gateway.app import open_gateway
from services.gateway.settings import GatewaySettings
from shared.serve import run
from shared.service import rabbit

if __name__ == "__main__":
    run(GatewaySettings, lambda settings: open_gateway(settings, rabbit(settings.amqp_url)))
