"""The yardsticks of logins: Argon2id verification with auth's parameters and nothing else."""

import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher
from nacl import pwhash

from services.auth.settings import AuthSettings
from shared.clock import monotonic

PASSWORD = "a long one that only you know"  # noqa: S105 it guards nothing


def main(implementation: str, threads: int, seconds: float) -> None:
    """Prints how many verifications a second as many threads achieve."""
    fields = AuthSettings.model_fields
    hasher = PasswordHasher(
        memory_cost=fields["argon2_memory_kib"].default,
        time_cost=fields["argon2_passes"].default,
        parallelism=1,
    )
    known = hasher.hash(PASSWORD)
    verify: Callable[[], bool] = {
        "reference": lambda: hasher.verify(known, PASSWORD),
        "libsodium": lambda: pwhash.verify(known.encode(), PASSWORD.encode()),
    }[implementation]
    begun = monotonic()
    with ThreadPoolExecutor(threads) as pool:
        counts = list(pool.map(lambda _: _count(verify, begun + seconds), range(threads)))
    print(sum(counts) / (monotonic() - begun))


def _count(verify: Callable[[], bool], until: float) -> int:
    count = 0
    while monotonic() < until:
        verify()
        count += 1
    return count


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]))
