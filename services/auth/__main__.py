"""Run auth as a process of its own."""

from services.auth.app import open_auth
from services.auth.settings import AuthSettings
from shared.serve import run
from shared.service import rabbit

if __name__ == "__main__":
    run(AuthSettings, lambda settings: open_auth(settings, rabbit(settings.amqp_url)))
