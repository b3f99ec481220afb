"""Runs licensing as a process of its own."""

from services.licensing.app import open_licensing
from services.licensing.settings import LicensingSettings
from shared.serve import run
from shared.service import rabbit

if __name__ == "__main__":
    run(LicensingSettings, lambda settings: open_licensing(settings, rabbit(settings.amqp_url)))
