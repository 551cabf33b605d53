#!/usr/bin/env bash
# Installs what the project needs beside Rust, as far as it is missing: a C compiler, which builds SQLite, Python 3
# with pip, which fetches the model where the Hugging Face hub cannot be reached, and Python's virtual environments, in
# one of which the MCP server is tested.
#
# Works on Debian and its relatives, as root or through sudo. Where nothing is missing it changes nothing;
# elsewhere it says what to install by hand.
set -euo pipefail

say() { printf 'setup: %s\n' "$*"; }

compiles_c() {
    local scratch status=0
    scratch=$(mktemp -d)
    # The headers come in a package of their own, so a compiler that starts is not yet one that compiles.
    printf '#include <stdio.h>\nint main(void) { return puts("") < 0; }\n' >"$scratch/probe.c"
    cc -o "$scratch/probe" "$scratch/probe.c" >/dev/null 2>&1 || status=1
    rm -rf "$scratch"
    return "$status"
}

has_pip() {
    pip --version >/dev/null 2>&1 || pip3 --version >/dev/null 2>&1 || python3 -m pip --version >/dev/null 2>&1
}

has_venv() {
    # Debian has the module without what it makes an environment with.
    python3 -c 'import ensurepip, venv' >/dev/null 2>&1
}

missing=()
if compiles_c; then
    say "a C compiler is here"
else
    missing+=(gcc libc6-dev)
fi
if has_pip; then
    say "pip is here"
else
    missing+=(python3 python3-pip)
fi
if has_venv; then
    say "Python's virtual environments are here"
else
    missing+=(python3 python3-venv)
fi

if ((${#missing[@]} > 0)); then
    as_root=()
    if ! command -v apt-get >/dev/null; then
        say "missing, in Debian's names: ${missing[*]}; this is no Debian, so please install them yourself"
        exit 1
    elif ((EUID != 0)); then
        if ! command -v sudo >/dev/null; then
            say "missing: ${missing[*]}; please run as root: apt-get install ${missing[*]}"
            exit 1
        fi
        as_root=(sudo)
    fi
    say "installing ${missing[*]}"
    "${as_root[@]}" apt-get update -qq
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends "${missing[@]}"
fi

if command -v cargo >/dev/null || [[ -x ${CARGO_HOME:-$HOME/.cargo}/bin/cargo ]]; then
    say "Rust is here"
else
    say "Rust is missing and not installed by this script: see https://rustup.rs"
    exit 1
fi
