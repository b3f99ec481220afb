#!/usr/bin/env bash
# Makes sure of what the benchmarks need besides: wrk, the load generator, and what sign-ins are measured
# beside, in a virtual environment of its own.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

if ! command -v wrk >/dev/null; then
    can_install || die "The benchmarks need wrk: install Debian's package wrk."
    install_packages wrk
fi

lock=$(sha256sum requirements/rivals.txt | cut -d' ' -f1)
if [ "$(cat .venv.rivals/.has 2>/dev/null)" != "$lock" ]; then
    say "Installing what sign-ins are measured beside, pinned by hash"
    rm -rf .venv.rivals
    quietly .venv/bin/python -m venv .venv.rivals
    quietly .venv.rivals/bin/python -m pip install --require-hashes -r requirements/rivals.txt
    echo "$lock" >.venv.rivals/.has
fi
