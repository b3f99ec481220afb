"""A mail catcher: takes every mail by SMTP, shows it in the browser and by Mailpit's API."""

from portal.catcher.catcher import Catcher, run_catcher

__all__ = ["Catcher", "run_catcher"]
