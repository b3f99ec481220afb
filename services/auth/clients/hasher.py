"""Argon2id (RFC 9106) in threads of lower priority, with a bounded queue.

Hashing releases the interpreter lock, so as many threads as cores use the machine fully; their
lower priority keeps other requests quick. Beyond the bound the caller is told to come back, so that
memory stays within threads times the memory of one hash.
"""

import asyncio
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from services.auth.clients.imported_hashes import is_imported, verify_imported
from services.auth.domain.passwords import normalised
from shared.errors import UnavailableError

T = TypeVar("T")
WAITING: Final = 64
_NICE: Final = 10


class HasherBusyError(UnavailableError):
    code = "sign_in_busy"
    detail = "Too many sign-ins at once. Try again in a moment."

    def __init__(self) -> None:
        super().__init__(retry_after_seconds=1)


class Hasher:
    def __init__(self, *, memory_kib: int, passes: int) -> None:
        self._argon2 = PasswordHasher(passes, memory_kib, parallelism=1)
        self._workers = os.cpu_count() or 1
        self._threads = ThreadPoolExecutor(
            self._workers, thread_name_prefix="argon2", initializer=_step_back
        )
        self._under_way = 0
        self._nobodys = self._hash("nobody has this password")
        self.prefix = self._nobodys.rsplit("$", 2)[0] + "$"
        """How every hash begins that was made with the present parameters."""

    async def hash(self, password: str) -> str:
        return await self._run(lambda: self._hash(password))

    async def verify(self, password_hash: str | None, password: str) -> bool:
        """Whether the password is right; without a hash just as slow, and False."""
        wanted = password_hash or self._nobodys
        is_right = await self._run(lambda: self._verify(wanted, password))
        return is_right and password_hash is not None

    def is_outdated(self, password_hash: str) -> bool:
        """Whether it was made elsewhere or with other parameters than the present ones."""
        return not password_hash.startswith(self.prefix)

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _hash(self, password: str) -> str:
        return self._argon2.hash(normalised(password))

    def _verify(self, password_hash: str, password: str) -> bool:
        if is_imported(password_hash):
            forms = dict.fromkeys((password, normalised(password)))  # who knows what was hashed
            return any(verify_imported(password_hash, form) for form in forms)
        try:
            return self._argon2.verify(password_hash, normalised(password))
        except (VerificationError, InvalidHashError):
            return False

    async def _run(self, work: Callable[[], T]) -> T:
        if self._under_way >= self._workers + WAITING:
            raise HasherBusyError
        self._under_way += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._under_way -= 1


def _step_back() -> None:
    os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)
