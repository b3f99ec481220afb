#!/usr/bin/env bash
# Installs the foreign software that tests set against ours: Node.js, jose, and what tests/foreign locks.
# A second call with nothing changed takes no time: a stamp holds what was installed from.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
cd tests/foreign

fingerprint() { { node --version; cat package.json package-lock.json .npmrc; } | sha256sum | cut -d' ' -f1; }
is_ready() { command -v node >/dev/null && command -v jose >/dev/null && [ "$(cat node_modules/.installed-from 2>/dev/null)" = "$(fingerprint)" ]; }

! is_ready || exit 0
for program in node npm; do
    command -v "$program" >/dev/null && continue
    can_install || die "The tests need Node.js 18 or later with npm: install Debian's packages nodejs and npm.\
 Without them, this runs the rest: .venv/bin/pytest -m 'not foreign'"
    install_packages nodejs npm
done
command -v jose >/dev/null || {
    can_install || die "The tests need jose, a verifier of signed documents: install Debian's package jose.\
 Without it, this runs the rest: .venv/bin/pytest -m 'not foreign'"
    install_packages jose
}
exec 9>.lock
flock 9 # two calls at once: the second waits, and then finds it done
! is_ready || exit 0
say "Installing the foreign software of the tests, pinned by hash"
quietly npm ci --ignore-scripts
fingerprint >node_modules/.installed-from
