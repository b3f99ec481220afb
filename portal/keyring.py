"""Makes the keys of a portal: a folder per service with the secrets it needs, and no others.

A service reads its folder through PORTAL_SECRETS_DIR. Keys that exist are never replaced; one that
a later version of the portal needs is added to those that are there.
"""

from pathlib import Path
from typing import Final

from shared.keys import document_keys, sealing_keys, signing_keys, vault_keys

_MARK: Final = Path("gateway/portal_pass_keys")


def make_keys(folder: Path) -> bool:
    """Fill the folder unless it has keys already; True where it was filled."""
    is_new = not (folder / _MARK).exists()
    if is_new:
        _make_all(folder)
    _add(folder / "licensing/portal_device_keys", vault_keys().private())
    _add(folder / "tenancy/portal_activity_keys", signing_keys().private())
    _add(folder / "tenancy/portal_webhook_keys", vault_keys().private())
    _add(folder / "licensing/portal_licence_keys", document_keys().private())
    return is_new


def _make_all(folder: Path) -> None:
    tokens, passes, vault, mailer = signing_keys(), signing_keys(), vault_keys(), sealing_keys()
    reads_passes = {"portal_pass_public_keys": passes.public()}
    files: dict[str, dict[str, str]] = {
        "auth": {
            **reads_passes,
            "portal_token_keys": tokens.private(),
            "portal_vault_keys": vault.private(),
            "portal_mailer_public_keys": mailer.public(),
        },
        "tenancy": reads_passes,
        "licensing": reads_passes,
        "mailer": {**reads_passes, "portal_mailer_keys": mailer.private()},
        "gateway": {"portal_pass_keys": passes.private()},
    }
    for service, secrets in files.items():
        for name, text in secrets.items():
            _write(folder / service / name, text)


def _add(path: Path, text: str) -> None:
    if not path.exists():
        _write(path, text)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.touch(mode=0o600)
    path.write_text(text)
