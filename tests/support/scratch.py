"""Scratch folders for servers that tests start."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

_RAMDISK: Final = Path("/dev/shm")  # noqa: S108 - mkdtemp makes a private folder in it
_ENOUGH_BYTES: Final = 2 * 1024**3


def _root() -> Path | None:
    try:
        return _RAMDISK if shutil.disk_usage(_RAMDISK).free > _ENOUGH_BYTES else None
    except OSError:
        return None


@contextmanager
def scratch_folder(name: str) -> Iterator[Path]:
    """An empty private folder, in memory where there is room for it; gone after the block."""
    with tempfile.TemporaryDirectory(
        prefix=f"portal-{name}-", dir=_root(), ignore_cleanup_errors=True
    ) as folder:
        yield Path(folder)
