"""Compares rm-embed with sentence-transformers and ONNX Runtime on the same texts; started by bench-embed.sh.

Every engine is a process of its own that keeps its model loaded and embeds when told to, so that engines take
turns in every round, drift of the machine hits all alike, and no engine's threads get in another's way:

- sentence-transformers on torch, batches of 32, sorted by length as it does by itself;
- ONNX Runtime on the same weights, all graph optimisations, batches of 32 sorted by length, mean pooling in numpy;
- ONNX Runtime on the same file with dynamic 8-bit quantisation;
- rm-embed in each precision, through the example `throughput`, whose commands the other processes answer too.

Timed is all that a user waits for, from text to unit vector: tokenisation, sorting, padding, network, pooling. An
engine's first pass warms up and gives the vectors that are compared. Tokens are counted once for all: after
truncation at 256, with special tokens, without padding.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import numpy as np

from bench_arguments import add_threads, positive
from bench_embed_report import describe_machine, report
from bench_embed_rivals import DIM, ORT, ORT_INT8, ST, load_tokenizer

ROOT = Path(__file__).resolve().parent.parent
RIVALS = ROOT / "scripts/bench_embed_rivals.py"
LOCOMO = "locomo/locomo10.json"

SPECIAL_TOKENS = 2
LATENCY_TEXT = "what does the user like to drink today?"

# How far the norm of a vector may be off one.
NORM_TOLERANCE = 1e-3

# What others may take of the processor, in cores, before the figures are called in question.
IDLE_CORES = 0.1

# Exit status of the example `throughput` for what it was not built for.
REFUSED = 2

OURS, OURS_INT8, CANDLE = "ours-f32", "ours-int8", "candle"
ENGINES = (ST, ORT, ORT_INT8, OURS, OURS_INT8, CANDLE)
# What the engines written in Rust are started with.
RUST_FLAGS = {OURS: ["--precision", "f32"], OURS_INT8: ["--precision", "int8"], CANDLE: ["--candle"]}

# What is asked: title, engine, the one it is held against, measure, bound. Tokens/s shall be at least that many
# times the other's, latency at most.
ASKED = (
    ("ours f32 / sentence-transformers, tokens/s", OURS, ST, "tokens_per_s", 1.25),
    ("ours f32 / ONNX Runtime f32, tokens/s", OURS, ORT, "tokens_per_s", 1.15),
    ("ours int8 / ours f32, tokens/s", OURS_INT8, OURS, "tokens_per_s", 1.6),
    ("ours f32 / ONNX Runtime f32, latency", OURS, ORT, "latency_ms", 1.0),
)
ASKED_INT8_COSINE = 0.995
ASKED_COLD_START_MS = 300.0

# Starts of each of our engines, from nothing to the first vector, with the files in the system's cache.
COLD_STARTS = 7


def main():
    arguments = parse_arguments()
    names = [name for name in ENGINES if name not in arguments.skip and (name != CANDLE or arguments.candle)]
    texts, n_tokens = choose_texts(arguments)
    arguments.work.mkdir(parents=True, exist_ok=True)
    arguments.texts = arguments.work / "texts.txt"
    arguments.texts.write_text("".join(f"{text}\n" for text in texts), encoding="utf-8")
    machine = describe_machine()
    print(f"{machine['cpu']}, {machine['cores']} cores, {machine['simd']}; load average {machine['load_average']}")
    print(", ".join(f"{name} {version}" for name, version in machine["packages"].items()))
    print(f"{len(texts)} texts, {n_tokens} tokens, {arguments.rounds} rounds, {arguments.threads} threads; ", end="")
    print("times include tokenisation\n", flush=True)

    if ORT in names or ORT_INT8 in names:
        export_for_onnx_runtime(arguments.work)
    engines = [engine for name in names if (engine := start(name, arguments)) is not None]
    if not engines:
        sys.exit("expected at least one engine, got none: leave out a --skip")
    try:
        measure_cold_starts(engines, arguments)
        others_cores = measure(engines, arguments, len(texts), n_tokens)
    finally:
        for engine in engines:
            engine.stop()
    asked = held_against_what_is_asked({engine.name: engine for engine in engines})
    report(engines, asked)
    if max(others_cores) > IDLE_CORES:
        print(f"\nNot to be trusted: others took up to {max(others_cores):.2f} cores. Run it on an idle machine.")
    results = {
        "machine": machine,
        "texts": len(texts),
        "tokens": n_tokens,
        "rounds": arguments.rounds,
        "threads": arguments.threads,
        "others_cores": others_cores,
        "engines": {engine.name: engine.summary() for engine in engines},
        "asked": asked,
    }
    path = arguments.work / "results.json"
    path.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    print(f"\nall rounds: {path}")


def parse_arguments():
    parser = argparse.ArgumentParser(
        prog="bench-embed.sh", description="Compares rm-embed with sentence-transformers and ONNX Runtime."
    )
    parser.add_argument("texts", nargs="?", type=Path, help="one text a line (default: LoCoMo's turns)")
    parser.add_argument("--limit", type=positive, default=2_000, help="texts taken at most (default 2,000)")
    parser.add_argument("--rounds", type=positive, default=5, help="passes of each engine (default 5)")
    add_threads(parser)
    parser.add_argument("--skip", action="append", default=[], choices=ENGINES, help="leave an engine out; repeatable")
    parser.add_argument("--candle", action="store_true", help="measure candle-transformers' BERT too")
    for name in ("--ours", "--work"):
        parser.add_argument(name, type=Path, required=True, help=argparse.SUPPRESS)
    return parser.parse_args()


# --- texts -----------------------------------------------------------------------------------------------------------


def choose_texts(arguments):
    """Returns distinct texts that have tokens, since ours embeds a repeated text once, and their tokens in all."""
    lines = read_lines(arguments.texts) if arguments.texts else locomo_turns()
    texts = [text for text in dict.fromkeys(" ".join(line.split()) for line in lines) if text]
    tokenizer = load_tokenizer()
    n_latency_tokens = len(tokenizer.encode(LATENCY_TEXT).ids)
    if n_latency_tokens != 11:
        sys.exit(f"expected 11 tokens in {LATENCY_TEXT!r}, got {n_latency_tokens}: is this MiniLM's tokenizer?")
    chosen, n_tokens = [], 0
    for text in texts:
        n = len(tokenizer.encode(text).ids)
        if n > SPECIAL_TOKENS and len(chosen) < arguments.limit:
            chosen.append(text)
            n_tokens += n
    if not chosen:
        sys.exit(f"expected texts, one a line; {arguments.texts or LOCOMO} holds none")
    return chosen, n_tokens


def read_lines(path):
    try:
        return path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        sys.exit(f"cannot read texts: {path}: {error}")


def locomo_turns():
    folders = [Path(os.environ["RM_DATA"])] if os.environ.get("RM_DATA") else []
    folders += [ROOT / "data", ROOT.parent / "shared/data"]
    path = next((folder / LOCOMO for folder in folders if (folder / LOCOMO).is_file()), None)
    if path is None:
        places = ", ".join(str(folder) for folder in folders)
        sys.exit(f"no {LOCOMO} in {places}: name a file with one text a line, or see data/README.md for LoCoMo")
    for sample in json.loads(path.read_text(encoding="utf-8")):
        conversation = sample["conversation"]
        numbers = sorted(int(key[8:]) for key in conversation if key.startswith("session_") and key[8:].isdigit())
        for number in numbers:
            for turn in conversation[f"session_{number}"]:
                yield turn["text"]


# --- engines ---------------------------------------------------------------------------------------------------------


@dataclass
class Engine:
    """A process that embeds on command, and what was measured of it."""

    name: str
    process: subprocess.Popen
    complaints: BinaryIO
    n_tokens: int = 0
    tokens_per_s: list = field(default_factory=list)
    latency_ms: list = field(default_factory=list)
    cosines: np.ndarray | None = None
    peak_rss_mib: float | None = None
    cold_start_ms: list = field(default_factory=list)

    def ask(self, command):
        try:
            self.process.stdin.write(command + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass  # What it died of is told below.
        return self.answer()

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            status = self.process.wait()
            sys.exit(f"{self.name} ended with status {status} where an answer was expected; it said:\n{self.said()}")
        return json.loads(line)

    def said(self):
        self.complaints.seek(0)
        return self.complaints.read().decode(errors="replace").strip()

    def read_peak_rss(self):
        """Reads the most memory that the process had resident; Linux alone tells it of another process."""
        try:
            status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        except OSError:
            return
        kib = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:")]
        self.peak_rss_mib = int(kib[0]) / 1024 if kib else None

    def stop(self):
        self.process.stdin.close()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()

    def summary(self):
        return {
            "tokens_per_s": self.tokens_per_s,
            "tokens_per_s_median": statistics.median(self.tokens_per_s),
            "latency_ms": self.latency_ms,
            "latency_ms_median": statistics.median(self.latency_ms),
            "cosine_mean": None if self.cosines is None else float(self.cosines.mean()),
            "cosine_min": None if self.cosines is None else float(self.cosines.min()),
            "peak_rss_mib": self.peak_rss_mib,
            "cold_start_ms": self.cold_start_ms,
            "cold_start_ms_median": statistics.median(self.cold_start_ms) if self.cold_start_ms else None,
        }


def start(name, arguments, texts=None):
    """Starts an engine and waits for its model; returns None if the example was not built for it."""
    texts = texts or arguments.texts
    if name in RUST_FLAGS:
        command = [arguments.ours, texts, *RUST_FLAGS[name]]
    else:
        command = [sys.executable, RIVALS, name, texts, arguments.work, str(arguments.threads)]
    threads = ("RAYON_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
    environment = os.environ | {"HF_HUB_OFFLINE": "1"} | dict.fromkeys(threads, str(arguments.threads))
    complaints = tempfile.TemporaryFile()
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=complaints, env=environment, text=True)
    engine = Engine(name, process, complaints)
    line = process.stdout.readline()
    if not line and process.wait() == REFUSED and name in RUST_FLAGS:
        print(f"skipped {name}: {engine.said()}\n")
        return None
    if not line:
        sys.exit(f"{name} ended with status {process.wait()} before its model was loaded; it said:\n{engine.said()}")
    engine.n_tokens = json.loads(line)["tokens"]
    return engine


def export_for_onnx_runtime(work):
    """Has the network exported in a process of its own, since exporting loads torch and warns of much."""
    done = subprocess.run([sys.executable, RIVALS, "export", work], capture_output=True, text=True, errors="replace")
    if done.returncode != 0:
        sys.exit(f"the network could not be exported for ONNX Runtime; the export said:\n{done.stderr.strip()}")


def measure(engines, arguments, n_texts, n_tokens):
    reference = None
    for engine in engines:
        if engine.n_tokens != n_tokens:
            sys.exit(f"expected {engine.name} to read {n_tokens} tokens, as the others do; it reads {engine.n_tokens}")
        vectors = vectors_of(engine, arguments.work, n_texts)
        reference = vectors if engine.name == ST else reference
        if reference is not None:
            engine.cosines = np.einsum("ij,ij->i", vectors, reference, dtype=np.float64)
    others_cores = []
    for round_number in range(arguments.rounds):
        began, others = time.perf_counter(), others_seconds(engines)
        # Each time another one begins, so that none is always measured right after the same neighbour.
        first = round_number % len(engines)
        for engine in engines[first:] + engines[:first]:
            engine.tokens_per_s.append(n_tokens / engine.ask("round")["seconds"])
            engine.latency_ms.append(engine.ask(f"latency {LATENCY_TEXT}")["median_ms"])
        speeds = ", ".join(f"{engine.name} {engine.tokens_per_s[-1]:.0f}" for engine in engines)
        others_cores.append((others_seconds(engines) - others) / (time.perf_counter() - began))
        print(f"round {round_number + 1}, tokens/s: {speeds}; others took {others_cores[-1]:.2f} cores", flush=True)
    for engine in engines:
        engine.read_peak_rss()
    return others_cores


def measure_cold_starts(engines, arguments):
    """Times our engines from the start of a process to the vector of one short text."""
    texts = arguments.work / "one-text.txt"
    texts.write_text(LATENCY_TEXT + "\n", encoding="utf-8")
    for _ in range(COLD_STARTS):
        for engine in engines:
            if engine.name in (OURS, OURS_INT8):
                began = time.perf_counter()
                fresh = start(engine.name, arguments, texts)
                fresh.ask("round")
                engine.cold_start_ms.append((time.perf_counter() - began) * 1e3)
                fresh.stop()


def others_seconds(engines):
    """Returns the processor time that others than the engines have had so far; always 0 where there is no /proc."""
    try:
        # User, nice, system; then idle and waiting, which are left out; then interrupts, and time stolen by a host.
        ticks = [int(n) for n in Path("/proc/stat").read_text(encoding="ascii").splitlines()[0].split()[1:9]]
        total = sum(ticks[:3]) + sum(ticks[5:])
        for engine in engines:
            after_name = Path(f"/proc/{engine.process.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
            total -= int(after_name[11]) + int(after_name[12])
    except OSError:
        return 0.0
    return total / os.sysconf("SC_CLK_TCK")


def vectors_of(engine, work, n_texts):
    path = work / f"{engine.name}.f32"
    path.unlink(missing_ok=True)
    engine.ask(f"vectors {path}")
    vectors = np.fromfile(path, dtype="<f4")
    if vectors.size != n_texts * DIM:
        sys.exit(f"expected {n_texts} x {DIM} floats from {engine.name}, got {vectors.size} in {path}")
    vectors = vectors.reshape(n_texts, DIM)
    worst = np.abs(np.linalg.norm(vectors, axis=1) - 1.0).max()
    if not worst <= NORM_TOLERANCE:
        sys.exit(f"expected unit vectors from {engine.name}, got one whose norm is off by {worst}")
    return vectors


# --- what is asked -------------------------------------------------------------------------------------------------


def held_against_what_is_asked(engines):
    """Returns what is asked and what came; ratios are medians over the rounds of those within a round."""
    rows = []
    for title, name, other, measure_name, bound in ASKED:
        if name in engines and other in engines:
            pairs = zip(getattr(engines[name], measure_name), getattr(engines[other], measure_name))
            ratios = [ours / theirs for ours, theirs in pairs]
            median, at_most = statistics.median(ratios), measure_name == "latency_ms"
            met = median <= bound if at_most else median >= bound
            row = {"what": title, "got": median, "rounds": ratios, "bound": bound}
            rows.append(row | {"at_most": at_most, "met": met})
    for name in (OURS, OURS_INT8):
        if name in engines:
            times = engines[name].cold_start_ms
            median = statistics.median(times)
            row = {"what": f"{name}, from process start to first vector, ms", "got": median, "rounds": times}
            met = median <= ASKED_COLD_START_MS
            rows.append(row | {"bound": ASKED_COLD_START_MS, "at_most": True, "met": met})
    if OURS_INT8 in engines and engines[OURS_INT8].cosines is not None:
        got = float(engines[OURS_INT8].cosines.mean())
        row = {"what": "ours int8, mean cosine", "got": got, "rounds": [got], "bound": ASKED_INT8_COSINE}
        rows.append(row | {"at_most": False, "met": got >= ASKED_INT8_COSINE})
    return rows


if __name__ == "__main__":
    main()
