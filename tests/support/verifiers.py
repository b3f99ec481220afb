"""Programs of others that verify licence files: our examples, and Debian's jose."""

import importlib.util
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

EXAMPLES: Final = Path(__file__).parents[2] / "examples/licence_file"
VERIFIERS: Final = {
    "python": [sys.executable, str(EXAMPLES / "verify.py")],
    "node": ["node", str(EXAMPLES / "verify.mjs")],
}
_SECONDS: Final = 20


def verdict(  # noqa: PLR0913 what a verifier is given, each with its name
    verifier: str,
    folder: Path,
    *,
    file: str,
    keys: dict[str, Any],
    revocations: str,
    at: int,
    fingerprint: str | None = None,
) -> str:
    """`valid`, or the one word by which an example refuses the file."""
    given = {"file": file, "keys": json.dumps(keys), "revocations": revocations}
    for name, text in given.items():
        (folder / name).write_text(text)
    command = [*VERIFIERS[verifier], *(str(folder / name) for name in given), "--at", str(at)]
    if fingerprint is not None:
        command += ["--fingerprint", fingerprint]
    done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False)
    if done.returncode == 0:
        assert json.loads(done.stdout)["iss"] == "portal-licensing"
        return "valid"
    return done.stderr.strip()


def verified_by_jose(folder: Path, *, signed: str, keys: dict[str, Any]) -> str | None:
    """What `jose` finds in a JWS in JSON form, None where it does not accept the signature."""
    jose = shutil.which("jose")
    assert jose is not None, "Install it first: deploy/setup/foreign.sh"
    (folder / "signed").write_text(signed)
    (folder / "keys").write_text(json.dumps(keys))
    command = [jose, "jws", "ver", "-i", str(folder / "signed"), "-k", str(folder / "keys")]
    done = subprocess.run(
        [*command, "-O", "-"], capture_output=True, text=True, timeout=_SECONDS, check=False
    )
    return done.stdout if done.returncode == 0 else None


def the_example() -> Any:
    """The example in Python as a module."""
    spec = importlib.util.spec_from_file_location("licence_file_verify", EXAMPLES / "verify.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
