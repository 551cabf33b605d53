#!/usr/bin/env bash
# Searches the same vectors with RM, FAISS, hnswlib and usearch, one thread each, one after the other in the same run,
# and prints one table.
#
#     scripts/bench-peers.sh [BASE.npy QUERIES.npy] [-k K] [--limit N] [--rival NAME]... [--timed N]
#
# The two files hold float32 vectors, one a row. Without them, Reddit titles and post bodies are embedded (the first
# 100,000 and the first 1,000, or what --limit says of the former), which takes some minutes the first time. Python's
# packages go into a virtual environment under the target folder; hnswlib is compiled there and needs g++ and Python's
# headers. Keep the machine idle meanwhile.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
caller=$PWD
cd "$here/.."

packages=(numpy faiss-cpu hnswlib usearch)
target=$(cargo metadata --format-version 1 --no-deps | sed -n 's/.*"target_directory":"\([^"]*\)".*/\1/p')
work=$target/bench-peers
python=$work/venv/bin/python
if ! "$python" -c 'import faiss, hnswlib, numpy, usearch' 2>/dev/null; then
    echo "installing ${packages[*]} into $work/venv"
    if ! python3 -m venv "$work/venv"; then
        echo "python3 cannot make a virtual environment; on Debian: apt-get install python3-venv" >&2
        exit 1
    fi
    if ! "$python" -m pip install --quiet --disable-pip-version-check "${packages[@]}"; then
        echo "pip could not install what the comparison needs: ${packages[*]}; it says above why" >&2
        exit 1
    fi
fi

cargo build --release -p rm-experiments
cd "$caller"
# An old OpenBLAS kernel that was chosen for other programs would slow NumPy down.
exec env -u OPENBLAS_CORETYPE -u OPENBLAS_L2_SIZE "$python" "$here/bench_peers.py" \
    --ours "$target/release/rm-experiments" --work "$work" "$@"
