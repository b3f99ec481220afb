#!/usr/bin/env bash
# Installs the foreign software that tests set against ours: Node.js, jose, Postfix, and what tests/foreign
# locks.
# A second call with nothing changed takes no time: a stamp holds what was installed from.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
cd tests/foreign

fingerprint() { { node --version; cat package.json package-lock.json .npmrc; } | sha256sum | cut -d' ' -f1; }
has_postfix() { [ -x /usr/lib/postfix/sbin/master ] && [ -x /usr/sbin/saslpasswd2 ] && compgen -G '/usr/lib/*/sasl2/libplain.so' >/dev/null; }
is_ready() { command -v node >/dev/null && command -v jose >/dev/null && has_postfix && [ "$(cat node_modules/.installed-from 2>/dev/null)" = "$(fingerprint)" ]; }

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
has_postfix || {
    can_install || die "The tests need Postfix, a mail server: install Debian's packages postfix, sasl2-bin and\
 libsasl2-modules. Without it, this runs the rest: .venv/bin/pytest -m 'not foreign'"
    install_packages postfix sasl2-bin libsasl2-modules
    # The machine's own mail server is nobody's wish: it shall not start at the next boot either.
    quietly update-rc.d postfix disable || true
    ! command -v systemctl >/dev/null || quietly systemctl disable postfix || true
}
exec 9>.lock
flock 9 # two calls at once: the second waits, and then finds it done
! is_ready || exit 0
say "Installing the foreign software of the tests, pinned by hash"
quietly npm ci --ignore-scripts
fingerprint >node_modules/.installed-from
