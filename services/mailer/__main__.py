"""Run the mailer as a process of its own."""

from services.mailer.app import open_mailer
from services.mailer.settings import MailerSettings
from shared.serve import run
from shared.service import rabbit

if __name__ == "__main__":
    run(MailerSettings, lambda settings: open_mailer(settings, rabbit(settings.amqp_url)))
