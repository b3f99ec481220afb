"""What is sealed for the mailer: by other services, and by itself for its own later use."""

from shared.keys import Keys, TokenError, seal, unlock


class Vault:
    def __init__(self, own: Keys) -> None:
        self._own = own

    def open_link_token(self, account_id: str, sealed: str) -> str:
        """The token of a one-time link of this account; TokenError where it isn't one."""
        return unlock(self._own, f"link:{account_id}", sealed)

    def unsubscribe_token(self, reader: str) -> str:
        """What a mail's link to do without others like it carries; nobody can make one up."""
        return seal(self._own, "unsubscribe", reader)

    def unsubscribing(self, token: str) -> str | None:
        """The reader that this token was made for, None where it was made for none."""
        try:
            return unlock(self._own, "unsubscribe", token)
        except TokenError:
            return None
