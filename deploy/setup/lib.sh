# What the set-up scripts share: telling what is done, and Debian packages.

cd "$(dirname "${BASH_SOURCE[0]}")/../.."

say() { printf '» %s\n' "$*"; }
die() { printf '%s\n' "$*" >&2; exit 1; }

# Runs a command silently; where it fails, shows what it said.
quietly() {
    local output
    output=$(mktemp)
    if ! "$@" >"$output" 2>&1; then
        cat "$output" >&2
        rm -f "$output"
        return 1
    fi
    rm -f "$output"
}

can_install() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; }

# Installs Debian packages without letting any of their services start.
install_packages() {
    say "Installing Debian's $* (no service is started)"
    local guard=/usr/sbin/policy-rc.d
    [ ! -e "$guard" ] || mv "$guard" "$guard.before-portal"
    trap 'restore_policy' EXIT
    printf '#!/bin/sh\nexit 101\n' >"$guard"
    chmod 755 "$guard"
    quietly apt-get update
    DEBIAN_FRONTEND=noninteractive quietly apt-get install -y --no-install-recommends "$@"
    restore_policy
    trap - EXIT
}

restore_policy() {
    rm -f /usr/sbin/policy-rc.d
    [ ! -e /usr/sbin/policy-rc.d.before-portal ] ||
        mv /usr/sbin/policy-rc.d.before-portal /usr/sbin/policy-rc.d
}
