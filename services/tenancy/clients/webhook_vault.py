"""Secrets that deliveries are signed with, encrypted at rest for one webhook each."""

from shared.keys import Keys, lock, unlock


class WebhookVault:
    def __init__(self, own: Keys) -> None:
        self._own = own

    def lock(self, webhook_id: str, secret: str) -> str:
        return lock(self._own, f"webhook:{webhook_id}", secret)

    def unlock(self, webhook_id: str, locked: str) -> str:
        return unlock(self._own, f"webhook:{webhook_id}", locked)
