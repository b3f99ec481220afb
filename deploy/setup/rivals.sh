#!/usr/bin/env bash
# Makes sure of what sign-ins are measured beside, in a virtual environment of its own.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

lock=$(sha256sum requirements/rivals.txt | cut -d' ' -f1)
if [ "$(cat .venv.rivals/.has 2>/dev/null)" != "$lock" ]; then
    say "Installing what sign-ins are measured beside, pinned by hash"
    rm -rf .venv.rivals
    quietly .venv/bin/python -m venv .venv.rivals
    quietly .venv.rivals/bin/python -m pip install --require-hashes -r requirements/rivals.txt
    echo "$lock" >.venv.rivals/.has
fi
