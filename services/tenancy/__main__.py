"""Runs tenancy as a process of its own."""

from services.tenancy.app import open_tenancy
from services.tenancy.settings import TenancySettings
from shared.serve import run
from shared.service import rabbit

if __name__ == "__main__":
    run(TenancySettings, lambda settings: open_tenancy(settings, rabbit(settings.amqp_url)))
