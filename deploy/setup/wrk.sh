#!/usr/bin/env bash
# Makes sure that wrk is installed, the load generator of the benchmarks and of the tests that run them.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

! command -v wrk >/dev/null || exit 0
can_install || die "The benchmarks, and the tests that run them, need wrk: install Debian's package wrk.\
 Without it, this runs the rest: .venv/bin/pytest -m 'not foreign'"
install_packages wrk
