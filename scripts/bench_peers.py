"""Searches the same vectors with RM and with other indexes and prints one table; started by bench-peers.sh.

Every index is built and searched in a process of its own, on one thread, one after the other. Recall is held against
exact search, which NumPy does here. A search is timed by itself: RM's by its own clock, the others' by Python's round
one call, which adds about a microsecond. For each index the first setting that reaches a recall of 0.95, and of
0.99, is compared with RM's first.
"""

import argparse
import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np

from bench_arguments import positive
from bench_peers_rivals import RIVALS

# Items and queries where no files are named.
N_ITEMS = 100_000
N_QUERIES = 1_000
# Items that are compared with all queries at a time.
BLOCK_ROWS = 65_536
TARGETS = (0.95, 0.99)
# What RM's lists hold, and where: the last three leave vectors to an SQLite file, two of them behind a cache.
HELD = "one-bit,one-bit-spill,one-bit-file,one-bit-cached,4-bit-cached"
# Recalls for which RM chooses the number of lists query by query, having seen as many other queries.
CHOSEN = "0.95,0.96,0.97,0.99,0.995"
COLUMNS = (
    ("recall", "{:.4f}"),
    ("p50_ms", "{:.3f}"),
    ("p95_ms", "{:.3f}"),
    ("p99_ms", "{:.3f}"),
    ("bytes_per_item", "{:,.0f}"),
    ("build_s", "{:.1f}"),
)


def main():
    arguments = parse_arguments()
    arguments.work.mkdir(parents=True, exist_ok=True)
    base, queries, samples = files(arguments)
    exact = exact_answers(base, queries, arguments)
    rows = ours(base, queries, samples, arguments)
    for rival in arguments.rival or RIVALS:
        print(f"{rival} ...", file=sys.stderr, flush=True)
        rows += theirs(rival, base, queries, exact, arguments)
    print_table(rows)
    compare(rows)


def parse_arguments():
    parser = argparse.ArgumentParser(
        prog="bench-peers.sh", description="Searches the same vectors with RM and with other indexes."
    )
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE.npy", help="BASE and QUERIES (default: Reddit)")
    parser.add_argument("-k", type=positive, default=5, help="nearest items that recall is about (default 5)")
    parser.add_argument("--limit", type=positive, default=N_ITEMS, help=f"Reddit titles (default {N_ITEMS})")
    parser.add_argument("--rival", action="append", choices=RIVALS, help="may be given again (default: all)")
    parser.add_argument("--timed", type=positive, default=1000, help="searches timed at each setting (default 1000)")
    parser.add_argument("--k-rule", action="append", help="RM's number of lists, may be given again (default sqrt)")
    for name in ("--ours", "--work"):
        parser.add_argument(name, type=Path, required=True, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if len(arguments.files) not in (0, 2):
        parser.error(f"expected two files, BASE and QUERIES, or none, got {len(arguments.files)}")
    return arguments


def files(arguments):
    """Returns the files of items and queries, and one of other queries if there are any; Reddit titles and post bodies are
    embedded where none were named."""
    if arguments.files:
        return [*arguments.files, None]
    folder = arguments.work / f"reddit-{arguments.limit}"
    base, queries, samples = made = [folder / f"{name}.npy" for name in ("base", "queries", "samples")]
    embed = [arguments.ours, "embed", "--dataset", "reddit", "--npy"]
    if not (queries.exists() and samples.exists()):
        few = folder / "few"
        subprocess.run([*embed, few, "--limit", str(2 * N_QUERIES), "--queries"], check=True, stdout=sys.stderr)
        asked = np.load(few / "queries.npy")
        np.save(queries, asked[:N_QUERIES])
        np.save(samples, asked[N_QUERIES:])
        shutil.rmtree(few)
    if not base.exists():
        subprocess.run([*embed, folder, "--limit", str(arguments.limit)], check=True, stdout=sys.stderr)
    return made


def exact_answers(base, queries, arguments):
    """Writes the rows of the k nearest items of each query, in no order, and returns the file."""
    items, asked = np.load(base, mmap_mode="r"), np.load(queries).astype(np.float32)
    if items.ndim != 2 or asked.ndim != 2 or items.shape[1] != asked.shape[1]:
        sys.exit(f"expected rows of one dimension in both files, got {items.shape} and {asked.shape}")
    if len(items) < arguments.k:
        sys.exit(f"expected at least {arguments.k} items, got {len(items)}")
    scores = np.empty((len(asked), 0), np.float32)
    ids = np.empty((len(asked), 0), np.int64)
    for start in range(0, len(items), BLOCK_ROWS):
        block = np.asarray(items[start : start + BLOCK_ROWS], np.float32)
        scores = np.concatenate([scores, asked @ block.T], axis=1)
        new = np.broadcast_to(np.arange(start, start + len(block)), (len(asked), len(block)))
        ids = np.concatenate([ids, new], axis=1)
        best = np.argpartition(-scores, arguments.k - 1, axis=1)[:, : arguments.k]
        scores, ids = np.take_along_axis(scores, best, 1), np.take_along_axis(ids, best, 1)
    path = arguments.work / "exact.npy"
    np.save(path, ids)
    return path


def ours(base, queries, samples, arguments):
    rows = []
    for rule in arguments.k_rule or ["sqrt"]:
        print(f"RM, K = {rule} ...", file=sys.stderr, flush=True)
        command = [arguments.ours, "bench", "--base", base, "--queries", queries, "--json", "--k-rule", rule, "--coding", HELD]
        if samples:
            command += ["--calibrate", samples, "--recall-target", CHOSEN]
        rows += run([*command, "--k", str(arguments.k), "--timed", str(arguments.timed)])
    return rows


def theirs(rival, base, queries, exact, arguments):
    command = [sys.executable, Path(__file__).with_name("bench_peers_rivals.py"), rival, base, queries, exact]
    return run([*command, "-k", str(arguments.k), "--timed", str(arguments.timed)])


def run(command):
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def print_table(rows):
    heads = ["index", "setting", *(name.replace("_per_", "/").replace("_", " ") for name, _ in COLUMNS)]
    cells = [[row["index"], row["setting"], *(form.format(row[name]) for name, form in COLUMNS)] for row in rows]
    widths = [max(len(line[at]) for line in [heads, *cells]) for at in range(len(heads))]
    for line in [heads, *cells]:
        texts = [text.ljust(width) if at < 2 else text.rjust(width) for at, (text, width) in enumerate(zip(line, widths))]
        print("  ".join(texts).rstrip())


def compare(rows):
    """Prints, for each target, the first setting of each index that reaches it, and its time over RM's."""
    for target in TARGETS:
        first = {}
        for row in rows:
            if row["recall"] >= target and row["setting"]:
                # Where RM chooses by query, that is another way to search.
                name = row["index"] + (", n by query" if row["setting"].startswith("target") else "")
                first.setdefault(name, row)
        mine = [row for name, row in first.items() if name.startswith("RM")]
        if not mine:
            print(f"\nno setting of RM reaches a recall of {target}")
            continue
        fastest = min(mine, key=lambda row: row["p50_ms"])
        print(f"\nrecall of at least {target}: {fastest['index']}, {fastest['setting']}, p50 {fastest['p50_ms']:.3f} ms")
        for name, row in first.items():
            if row is not fastest:
                times, build = row["p50_ms"] / fastest["p50_ms"], row["build_s"] / fastest["build_s"]
                print(f"  {name}, {row['setting']}: {times:.2f} times as long, built in {build:.1f} times the time")


if __name__ == "__main__":
    main()
