"""How a passkey is kept in the document of its account."""

from collections.abc import Sequence

from services.auth.domain.passkeys import Passkey
from shared.mongo.collection import Document


def passkey_row(passkey: Passkey) -> Document:
    return {
        "id": passkey.id,
        "credential_id": passkey.credential_id,
        "public_key": passkey.public_key,
        "sign_count": passkey.sign_count,
        "transports": list(passkey.transports),
        "aaguid": passkey.aaguid,
        "is_synced": passkey.is_synced,
        "verifies_user": passkey.verifies_user,
        "name": passkey.name,
        "created_at": passkey.created_at,
        "last_used_at": passkey.last_used_at,
        "version": passkey.version,
    }


def as_many(passkeys: Sequence[Passkey]) -> Document:
    """The condition that an account still has as many; the oldest accounts have no such field."""
    more = {f"passkeys.{len(passkeys)}": {"$exists": False}}
    return more | ({"passkeys": {"$size": len(passkeys)}} if passkeys else {})


def passkey_of(row: Document) -> Passkey:
    return Passkey(
        id=row["id"],
        credential_id=row["credential_id"],
        public_key=row["public_key"],
        sign_count=row["sign_count"],
        transports=tuple(row["transports"]),
        aaguid=row["aaguid"],
        is_synced=row["is_synced"],
        verifies_user=row["verifies_user"],
        name=row["name"],
        created_at=row["created_at"],
        last_used_at=row["last_used_at"],
        version=row["version"],
    )
