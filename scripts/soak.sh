#!/usr/bin/env bash
# Runs processes on one file for some minutes (300 s, 8 processes where nothing is said), kills one after the other with kill -9, and
# verifies that nothing acknowledged is lost.
set -euo pipefail
cd "$(dirname "$0")/.."
cargo run --quiet --release -p rm-memory --example soak -- "$@"
