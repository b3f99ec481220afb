"""Vouches for where the chains of activity end, with a key that the database doesn't have."""

from datetime import datetime
from typing import Final

from services.tenancy.domain.chain import Head, instant
from shared.keys import Keys, TokenError, read_signed, sign

TYPE: Final = "portal-activity-head+jwt"


class Notary:
    def __init__(self, keys: Keys) -> None:
        self._keys = keys
        self.public_keys = keys.public()

    def vouch(self, head: Head, at: datetime) -> str:
        """The head as a signed statement (JWT without an end: it stays true)."""
        claims = {
            "chain": head.chain,
            "sequence": head.sequence,
            "hash": head.hash,
            "cut_sequence": head.cut_sequence,
            "cut_hash": head.cut_hash,
            "at": instant(at),
        }
        return sign(self._keys, TYPE, claims)

    def read(self, statement: str, chain: str) -> Head:
        """The head that was vouched for; TokenError where it was not by us, or of another chain."""
        claims = read_signed(self._keys, statement, typ=TYPE)
        head = Head(
            chain=str(claims["chain"]),
            sequence=int(claims["sequence"]),
            hash=str(claims["hash"]),
            cut_sequence=int(claims["cut_sequence"]),
            cut_hash=str(claims["cut_hash"]),
        )
        if head.chain != chain:
            raise TokenError("vouches for another chain")
        return head
