#!/usr/bin/env bash
# Tests `rmem mcp` with the official Python SDK, over standard input and output and over HTTP, in the current revision of the
# protocol and in the one before it.
#
#     scripts/mcp-client-test.sh [RMEM]
#
# RMEM is the program, by default the one that `cargo test` has built. The SDK goes into a virtual environment under the target
# folder; it needs Python 3.10 or later, and pip with a registry that is reachable the first time.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
caller=$PWD
cd "$here/.."

source scripts/python_env.sh
target=$(target_folder)
python_env "$target/mcp-client" mcp==2.3.0
cd "$caller"
exec "$target/mcp-client/bin/python" "$here/mcp_client_test.py" "${1:-$target/debug/rmem}"
