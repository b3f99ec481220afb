"""Secrets that auth keeps or passes on, each encrypted for one account and one purpose."""

from shared.keys import Keys, lock, seal, unlock


class Vault:
    def __init__(self, own: Keys, mailer: Keys) -> None:
        self._own = own
        self._mailer = mailer

    def lock_totp(self, account_id: str, secret: str) -> str:
        return lock(self._own, f"totp:{account_id}", secret)

    def unlock_totp(self, account_id: str, locked: str) -> str:
        return unlock(self._own, f"totp:{account_id}", locked)

    def lock_flow(self, flow: str) -> str:
        return lock(self._own, "flow", flow)

    def unlock_flow(self, locked: str) -> str:
        return unlock(self._own, "flow", locked)

    def seal_for_mailer(self, account_id: str, token: str) -> str:
        return seal(self._mailer, f"link:{account_id}", token)
