#!/usr/bin/env bash
# Makes sure that wrk, the load generator of the benchmarks, is installed.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

! command -v wrk >/dev/null || exit 0
can_install || die "The benchmarks need wrk: install Debian's package wrk."
install_packages wrk
