"""Memory for answers that are large: while they are read, and until they have been taken."""

from typing import Final

LARGE_BYTES: Final = 256 * 1024
"""Answers up to this are not counted: there are no more of them than connections."""


class Room:
    """So many bytes of one replica's memory."""

    def __init__(self, most: int) -> None:
        self.left = most

    def take(self, size: int) -> bool:
        """Whether there was so much left; it has to be given back."""
        if size > self.left:
            return False
        self.left -= size
        return True

    def give_back(self, size: int) -> None:
        self.left += size
