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

source scripts/python_env.sh
target=$(target_folder)
work=$target/bench-peers
python=$work/venv/bin/python
python_env "$work/venv" numpy faiss-cpu hnswlib usearch

cargo build --release -p rm-experiments
cd "$caller"
# An old OpenBLAS kernel that was chosen for other programs would slow NumPy down.
exec env -u OPENBLAS_CORETYPE -u OPENBLAS_L2_SIZE "$python" "$here/bench_peers.py" \
    --ours "$target/release/rm-experiments" --work "$work" "$@"
