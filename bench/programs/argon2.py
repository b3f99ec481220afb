"""The yardstick of sign-ins: Argon2id verifications and nothing else, by this Python's Argon2."""

import sys
from concurrent.futures import ThreadPoolExecutor
from time import monotonic

from argon2 import PasswordHasher

PASSWORD = "a long one that only you know"  # noqa: S105 it guards nothing


def main(memory_kib: int, passes: int, threads: int, seconds: float) -> None:
    """Prints how many verifications a second as many threads achieve."""
    hasher = PasswordHasher(passes, memory_kib, parallelism=1)
    known = hasher.hash(PASSWORD)
    begun = monotonic()

    def count(_: int) -> int:
        verified = 0
        while monotonic() < begun + seconds:
            verified += hasher.verify(known, PASSWORD)
        return verified

    with ThreadPoolExecutor(threads) as pool:
        counts = list(pool.map(count, range(threads)))
    print(sum(counts) / (monotonic() - begun))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
