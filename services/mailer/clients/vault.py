"""Opens what other services have sealed for the mailer."""

from shared.keys import Keys, unlock


class Vault:
    def __init__(self, own: Keys) -> None:
        self._own = own

    def open_link_token(self, account_id: str, sealed: str) -> str:
        """The token of a one-time link of this account; TokenError where it isn't one."""
        return unlock(self._own, f"link:{account_id}", sealed)
