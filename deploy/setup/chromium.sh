#!/usr/bin/env bash
# Makes sure that chromium, the browser that draws pictures of pages and mails, is installed.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

! command -v chromium >/dev/null || exit 0
can_install || die "The pictures need a browser: install Debian's package chromium."
install_packages chromium
