#!/usr/bin/env bash
# Builds Argon2 anew for one level of x86-64 processors: `argon2.sh x86-64-v3 /path/to/venv/bin/python`.
# The wheel that everyone gets knows SSE2 only and takes more than twice as long for a password.
# The source and what builds it are pinned by hash; the level is one that GCC's -march knows.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

level=$1 python=$2
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

source="$scratch/argon2.txt"
awk '/^[a-z]/ { wanted = /^argon2-cffi-bindings==/ } wanted' requirements/services.txt >"$source"
[ -s "$source" ] || die "requirements/services.txt does not pin argon2-cffi-bindings."

say "Building Argon2 for $level processors"
quietly "$python" -m venv "$scratch/venv"
pip() { quietly "$scratch/venv/bin/python" -m pip --disable-pip-version-check "$@"; }
pip install --require-hashes --only-binary :all: -r requirements/argon2.txt
CFLAGS="-O3 -march=$level" PATH="$scratch/venv/bin:$PATH" pip wheel --no-cache-dir --no-deps \
    --no-build-isolation --no-binary :all: --require-hashes -w "$scratch" -r "$source"
pip --python "$python" install --no-index --no-deps --force-reinstall "$scratch"/*.whl
