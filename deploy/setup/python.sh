#!/usr/bin/env bash
# Brings .venv to what a set of requirements names: `python.sh embedded` or `python.sh dev`.
# A second call with nothing changed takes no time: a stamp holds what the set was made from.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

wanted=$1
[ -f "requirements/$wanted.txt" ] || die "There is no requirements/$wanted.txt."

# The highest level of x86-64 that this processor reaches beyond the first; nothing on any other.
level() { { /lib64/ld-linux-x86-64.so.2 --help 2>/dev/null || true; } | sed -n '/x86-64-v[0-9] (supported/ { s/^ *\(x86-64-v[0-9]\).*/\1/p; q }'; }
compiler() { command -v cc || true; }
fingerprint() { { pwd; level; compiler; cat "requirements/$1.txt" requirements/argon2.txt; sed "/^\[tool.ruff\]/,\$d" pyproject.toml; } | sha256sum | cut -d' ' -f1; }
has() { [ "$(cat ".venv/.has-$1" 2>/dev/null)" = "$(fingerprint "$1")" ]; }
is_ready() { has "$wanted" || { [ "$wanted" = embedded ] && has dev; }; }

find_python() {
    local candidate
    for candidate in ${PYTHON:-python3.11 python3}; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$candidate"
            return
        fi
    done
    die "Python 3.11 or later is needed (tried: ${PYTHON:-python3.11, python3}).\
 Name one with: make PYTHON=/path/to/python3.11"
}

make_venv() {
    local python package
    python=$(find_python)
    if ! "$python" -c 'import venv, ensurepip' 2>/dev/null; then
        package="python$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')-venv"
        can_install || die "Python can't make virtual environments yet: install Debian's package $package."
        install_packages "$package"
    fi
    say "Making the virtual environment .venv with $("$python" --version)"
    rm -rf .venv
    quietly "$python" -m venv .venv
    echo "$PWD" >.venv/.made-in
}

install_requirements() {
    say "Installing the $wanted requirements, pinned by hash (about a minute the first time)"
    quietly .venv/bin/python -m pip install --require-hashes -r "requirements/$wanted.txt"
    say "Installing the project itself, editable"
    quietly .venv/bin/python -m pip install --no-deps --no-index --no-build-isolation -e .
}

# Sign-ins are as quick as Argon2 is; whoever has no compiler has the slower one that came as a wheel.
build_argon2() {
    [ -n "$(level)" ] || return 0
    if [ -z "$(compiler)" ]; then
        say "Argon2 stays as it came, at less than half the speed: there is no C compiler (Debian's gcc and libc6-dev)"
    elif ! deploy/setup/argon2.sh "$(level)" .venv/bin/python; then
        say "Argon2 stays as it came, at less than half the speed: it could not be built (see above)"
    fi
}

# The mongod of the wheel links to libcurl, which a bare Debian lacks.
complete_mongod() {
    local mongod
    mongod=$(echo .venv/lib/python3.*/site-packages/fiftyone/db/bin/mongod)
    [ -x "$mongod" ] || return 0
    ! ldd "$mongod" 2>/dev/null | grep -q 'libcurl.*not found' && return 0
    can_install || die "MongoDB's mongod needs the library libcurl: install Debian's package libcurl4."
    install_packages libcurl4
}

! is_ready || exit 0
exec 9>.venv.lock
flock 9 # two calls at once: the second waits, and then finds it done
! is_ready || exit 0
if ! .venv/bin/python -m pip --version >/dev/null 2>&1 || [ "$(cat .venv/.made-in)" != "$PWD" ]; then
    make_venv
fi
rm -f .venv/.has-*
install_requirements
build_argon2
complete_mongod
fingerprint "$wanted" >".venv/.has-$wanted"
