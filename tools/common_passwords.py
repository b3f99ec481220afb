"""Makes the list of common passwords of two lists that maintained packages ship.

`python -m tools.common_passwords common-passwords.txt.gz passwords.json`, with the first from
Django's wheel (`django/contrib/auth/`) and the second from `npm pack @zxcvbn-ts/language-common`
(`package/src/`). Name their versions in the introduction below.
"""

import gzip
import json
import sys
from pathlib import Path
from typing import Final

from services.auth.clients.common_passwords import LIST

INTRODUCTION: Final = """\
# Common and breached passwords in lower case, one a line, after the empty line below.
# Made by tools/common_passwords.py of two lists that maintained packages ship:
#   common-passwords.txt.gz of Django 6.1.3 (PyPI `django`, BSD-3-Clause),
#   passwords.json of @zxcvbn-ts/language-common 4.1.3 (npm, MIT).
# Their licences are in common_passwords.licences.txt.

"""
LEAST: Final = 4
"""Shorter ones are refused for their length, also as the core of a longer one."""


def main(django: str, zxcvbn: str) -> None:
    found = set(gzip.decompress(Path(django).read_bytes()).decode().split("\n"))
    found |= set(json.loads(Path(zxcvbn).read_text(encoding="utf-8")))
    words = {word.strip().lower() for word in found}
    kept = sorted(word for word in words if len(word) >= LEAST and word.isprintable())
    LIST.write_text(INTRODUCTION + "\n".join(kept) + "\n", encoding="utf-8")
    print(f"{len(kept)} passwords in {LIST}")


if __name__ == "__main__":
    main(*sys.argv[1:3])
