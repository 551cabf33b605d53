#!/usr/bin/env bash
# Measures how long a warm `search_memories` takes an MCP client, the official Python SDK, and a cold `rmem search` as a process.
#
#     scripts/bench-mcp.sh [--items N] [--searches N] [--cold N]
#
# The memory holds the first 10,000 titles of the Reddit data set where it is found (in $RM_DATA, data/ or ../shared/data), and generated
# memories where it is not. Keep the machine idle meanwhile.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

source scripts/python_env.sh
target=$(target_folder)
python_env "$target/mcp-client" mcp==2.3.0
cargo build --release -p rm-cli
exec "$target/mcp-client/bin/python" scripts/bench_mcp.py --rmem "$target/release/rmem" "$@"
