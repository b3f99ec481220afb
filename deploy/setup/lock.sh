#!/usr/bin/env bash
# Compiles requirements/*.in into locks with hashes that agree with each other.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

lock() {
    say "Locking requirements/$1.txt"
    .venv/bin/uv pip compile --quiet --upgrade --generate-hashes --no-emit-index-url \
        --python-version 3.11 --custom-compile-command "make lock" \
        --output-file "requirements/$1.txt" "requirements/$1.in" "${@:2}"
}

lock dev
lock embedded --constraint requirements/dev.txt
lock services --constraint requirements/dev.txt
lock argon2
lock rivals
