"""Passwords: hashed by argon2id, off the event loop, a few at a time."""

from __future__ import annotations

import asyncio
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

MIN_LENGTH, MAX_LENGTH = 12, 128
_AT_ONCE = 2
"""Each takes 64 MiB and some tens of milliseconds; more at once would be a way to overload us."""


class Passwords:
    """Hashes and verifies passwords."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher()
        self._turn = asyncio.Semaphore(_AT_ONCE)
        self._nobodys = ""

    async def hash(self, password: str) -> str:
        """What is stored of a password."""
        async with self._turn:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def verify(self, stored: str | None, password: str) -> bool:
        """Whether the password is the stored one.

        Without a stored one it takes as long, and is wrong.
        """
        if not self._nobodys:
            self._nobodys = await self.hash(secrets.token_hex())
        async with self._turn:
            right = await asyncio.to_thread(self._matches, stored or self._nobodys, password)
        return right and stored is not None

    def _matches(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False
