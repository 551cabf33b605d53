#!/usr/bin/env bash
# Trains codebooks with FAISS and with rm-core on the same vectors, side by side, and compares time and fit.
#
#     scripts/bench-train.sh [VECTORS] [-k K] [--rows N] [--repeats N] [--threads N]
#
# VECTORS is a .npy file of float32 rows, or a .f16 file of the embedding cache; without it the largest file of
# data/vectors is taken, which the main job leaves there. Python's packages go into a virtual environment under
# the target folder. Keep the machine idle meanwhile.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
caller=$PWD
cd "$here/.."

source scripts/python_env.sh
target=$(target_folder)
work=$target/bench-train
python=$work/venv/bin/python
python_env "$work/venv" faiss-cpu numpy

cargo build --release -p rm-core --example train
cd "$caller"
exec "$python" "$here/bench_train.py" --train "$target/release/examples/train" \
    --cache "${here%/*}/data/vectors" --work "$work" "$@"
