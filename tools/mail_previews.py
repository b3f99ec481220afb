"""Draws every mail as a picture, light and dark, on one page: `make mail-previews`."""

import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from html import escape
from itertools import product
from pathlib import Path
from typing import Final

from portal.previews import Preview, previews

FOLDER: Final = Path("build/mail-previews")
_SCHEMES: Final = {"light": "1", "dark": "0"}
_SIZE: Final = "700,1000"
_SECONDS: Final = 60


def main() -> int:
    browser = shutil.which("chromium")
    if browser is None:
        print("The pictures need a browser: install Debian's package chromium.")
        return 1
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    drawn = list(previews().values())
    for preview in drawn:
        (FOLDER / f"{preview.name}.html").write_text(preview.html)
        (FOLDER / f"{preview.name}.txt").write_text(preview.text)
    pictures = list(product([preview.name for preview in drawn], _SCHEMES))
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for number, _ in enumerate(pool.map(lambda one: _draw(browser, *one), pictures), 1):
            print(f"\r{number} of {len(pictures)} pictures", end="", flush=True)
    (FOLDER / "index.html").write_text(_sheet(drawn))
    print(f"\nLook at {FOLDER}/index.html")
    return 0


def _draw(browser: str, name: str, scheme: str) -> None:
    picture, page = FOLDER / f"{name}.{scheme}.png", (FOLDER / f"{name}.html").absolute()
    with tempfile.TemporaryDirectory() as profile:
        subprocess.run(  # noqa: S603 our own arguments
            [
                browser,
                *("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"),
                *(f"--user-data-dir={profile}", "--no-first-run"),
                f"--blink-settings=preferredColorScheme={_SCHEMES[scheme]}",
                *(f"--window-size={_SIZE}", f"--screenshot={picture}", page.as_uri()),
            ],
            check=True,
            capture_output=True,
            timeout=_SECONDS,
        )


def _sheet(drawn: list[Preview]) -> str:
    rows = "".join(
        f"<h2>{escape(one.name)}: {escape(one.subject)}</h2>"
        f'<p><a href="{one.name}.html">HTML</a> <a href="{one.name}.txt">Text</a></p>'
        + "".join(f'<img src="{one.name}.{scheme}.png" width="470"> ' for scheme in _SCHEMES)
        for one in drawn
    )
    return f'<!DOCTYPE html><meta charset="utf-8"><title>Mails</title><h1>Mails</h1>{rows}'


if __name__ == "__main__":
    sys.exit(main())
