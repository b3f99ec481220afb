"""How an account is kept in MongoDB."""

from services.auth.domain.accounts import Account, IssuerSubject, Status, Totp, username_key
from services.auth.store.passkey_rows import passkey_of, passkey_row
from shared.folding import folded
from shared.mongo.collection import Document


def totp_row(totp: Totp) -> Document:
    return {
        "locked_secret": totp.locked_secret,
        "last_step": totp.last_step,
        "activated_at": totp.activated_at,
    }


def _totp(row: Document | None) -> Totp | None:
    if row is None:
        return None
    return Totp(row["locked_secret"], row["last_step"], row["activated_at"])


def _elsewhere_row(known: IssuerSubject | None) -> Document | None:
    return {"issuer": known.issuer, "subject": known.subject} if known else None


def account_row(account: Account) -> Document:
    return {
        "_id": account.id,
        "org": account.org,
        "username": account.username,
        "username_key": username_key(account.username),
        "email": account.email,
        "email_key": username_key(account.email),
        "display_name": account.display_name,
        "folded_name": folded(account.display_name),
        "locale": account.locale,
        "roles": list(account.roles),
        "label": account.label,
        "status": account.status.value,
        "password_hash": account.password_hash,
        "password_changed_at": account.password_changed_at,
        "totp": account.totp and totp_row(account.totp),
        "pending_totp": account.pending_totp,
        "recovery_hashes": list(account.recovery_hashes),
        "created_at": account.created_at,
        "version": account.version,
        "comment": account.comment,
        "last_sign_in_at": account.last_sign_in_at,
        "totp_deadline": account.totp_deadline,
        "issuer_subject": _elsewhere_row(account.issuer_subject),
        "portal_user_id": account.portal_user_id,
        "passkeys": [passkey_row(passkey) for passkey in account.passkeys],
        "primary_of": account.org if account.is_primary else None,
    }


def account_of(row: Document) -> Account:
    return Account(
        id=row["_id"],
        org=row["org"],
        username=row["username"],
        email=row["email"],
        display_name=row["display_name"],
        locale=row["locale"],
        roles=tuple(row["roles"]),
        label=row["label"],
        status=Status(row["status"]),
        password_hash=row["password_hash"],
        password_changed_at=row["password_changed_at"],
        totp=_totp(row["totp"]),
        pending_totp=row["pending_totp"],
        recovery_hashes=tuple(row["recovery_hashes"]),
        created_at=row["created_at"],
        version=row["version"],
        comment=row.get("comment", ""),
        last_sign_in_at=row.get("last_sign_in_at"),
        totp_deadline=row.get("totp_deadline"),
        issuer_subject=IssuerSubject(**row["issuer_subject"])
        if row.get("issuer_subject")
        else None,
        portal_user_id=row.get("portal_user_id"),
        passkeys=tuple(map(passkey_of, row.get("passkeys", ()))),
        is_primary=row.get("primary_of") is not None,
    )


def as_judged(account: Account) -> Document:
    """The account if what a sign-in was judged by still holds: the password, and that one may."""
    return {
        "_id": account.id,
        "status": account.status.value,
        "password_changed_at": account.password_changed_at,
    }
