#!/usr/bin/env bash
# Makes sure that chromium is installed: the browser that draws pictures of mails, and that tests drive.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

! command -v chromium >/dev/null || exit 0
can_install || die "Pictures of mails and tests need a browser: install Debian's package chromium.\
 Without it, this runs the other tests: .venv/bin/pytest -m 'not browser'"
install_packages chromium
