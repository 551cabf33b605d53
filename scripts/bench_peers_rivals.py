"""Builds and searches one rival index in a process of its own, on one thread; started by bench_peers.py.

Prints one JSON object a line for each setting: recall, times of single searches, bytes an item, seconds of building.
"""

import argparse
import json
import os
import sys
import time
from pathlib import Path

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"

import numpy as np  # noqa: E402  (the thread counts above must be set before)

# Searches that come first and are not counted.
WARM_UP = 20
# Items of which FAISS' RaBitQ fetches the exact vector, as a multiple of k.
REFINED = 40


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rival", choices=RIVALS)
    parser.add_argument("base", type=Path)
    parser.add_argument("queries", type=Path)
    parser.add_argument("exact", type=Path)
    parser.add_argument("-k", type=int, required=True)
    parser.add_argument("--timed", type=int, required=True, help="searches timed at each setting at most")
    arguments = parser.parse_args()
    base, queries = (np.load(path).astype(np.float32, copy=False) for path in (arguments.base, arguments.queries))
    exact = np.load(arguments.exact)
    RIVALS[arguments.rival](Meter(arguments, base, queries, exact), base)


class Meter:
    """Times searches one at a time and holds their answers against the exact ones."""

    def __init__(self, arguments, base, queries, exact):
        self.k, self.timed = arguments.k, arguments.timed
        self.n, self.dim = base.shape
        self.queries, self.exact = queries, exact

    def measure(self, name, setting, search, bytes_per_item, build_s):
        """Calls `search(rows)`, which returns ids of shape (1, k), for each query and prints what came of it."""
        rows = [self.queries[at : at + 1] for at in range(len(self.queries))]
        for row in rows[:WARM_UP]:
            search(row)
        times, found = [], 0
        for row, exact in zip(rows[: self.timed], self.exact):
            started = time.perf_counter()
            ids = search(row)
            times.append((time.perf_counter() - started) * 1e3)
            found += len(np.intersect1d(ids[0], exact))
        p50, p95, p99 = np.percentile(times, [50, 95, 99])
        report = {
            "index": name,
            "setting": setting,
            "recall": found / (len(times) * self.k),
            "p50_ms": p50,
            "p95_ms": p95,
            "p99_ms": p99,
            "bytes_per_item": bytes_per_item,
            "build_s": build_s,
        }
        print(json.dumps(report), flush=True)


def flat(meter, base):
    import faiss

    faiss.omp_set_num_threads(1)
    started = time.perf_counter()
    index = faiss.IndexFlatIP(meter.dim)
    index.add(base)
    built = time.perf_counter() - started
    meter.measure(f"FAISS {faiss.__version__} Flat", "", lambda row: index.search(row, meter.k)[1], 4 * meter.dim, built)


def ivf(meter, base):
    import faiss

    faiss.omp_set_num_threads(1)
    lists = round(4 * meter.n**0.5)
    started = time.perf_counter()
    index = faiss.index_factory(meter.dim, f"IVF{lists},Flat", faiss.METRIC_INNER_PRODUCT)
    index.train(base)
    index.add(base)
    built = time.perf_counter() - started
    resident = 4 * meter.dim + 8 + 4 * meter.dim * lists / meter.n
    for n_probes in (16, 32, 64, 128, 256, 512):
        index.nprobe = n_probes
        search = lambda row: index.search(row, meter.k)[1]  # noqa: E731
        meter.measure(f"FAISS {faiss.__version__} IVF{lists},Flat", f"n={n_probes}", search, resident, built)


def rabitq(meter, base):
    import faiss

    faiss.omp_set_num_threads(1)
    lists = round(meter.n**0.5)
    started = time.perf_counter()
    coarse = faiss.IndexFlatIP(meter.dim)
    coded = faiss.IndexIVFRaBitQFastScan(coarse, meter.dim, lists, faiss.METRIC_INNER_PRODUCT)
    index = faiss.IndexRefineFlat(coded)
    index.train(base)
    index.add(base)
    built = time.perf_counter() - started
    index.k_factor = REFINED
    resident = 4 * meter.dim + 8 + coded.code_size + 4 * meter.dim * lists / meter.n
    for n_probes in (16, 32, 64, 128, 256):
        coded.nprobe = n_probes
        search = lambda row: index.search(row, meter.k)[1]  # noqa: E731
        name = f"FAISS {faiss.__version__} IVF{lists},RaBitQ fast scan, refine {REFINED * meter.k}"
        meter.measure(name, f"n={n_probes}", search, resident, built)


def hnsw(meter, base):
    import hnswlib

    started = time.perf_counter()
    index = hnswlib.Index(space="ip", dim=meter.dim)
    index.init_index(max_elements=meter.n, M=16, ef_construction=200, random_seed=42)
    index.set_num_threads(1)
    index.add_items(base, np.arange(meter.n), num_threads=1)
    built = time.perf_counter() - started
    # Vector, 2 M links of the lowest level with their count, label; a sixteenth has links on higher levels.
    resident = 4 * meter.dim + 4 * 33 + 8 + 4 * 17 / 16
    for ef in (10, 20, 30, 40, 60, 80, 100, 120, 140, 160, 200, 240, 320):
        index.set_ef(ef)
        search = lambda row: index.knn_query(row, k=meter.k, num_threads=1)[0]  # noqa: E731
        meter.measure("hnswlib M=16, efC=200", f"ef={ef}", search, resident, built)


def usearch(meter, base, dtype="f32", width=4):
    from importlib.metadata import version

    from usearch.index import Index

    started = time.perf_counter()
    index = Index(ndim=meter.dim, metric="ip", dtype=dtype, connectivity=16, expansion_add=128)
    index.add(np.arange(meter.n), base, threads=1)
    built = time.perf_counter() - started
    resident = width * meter.dim + 4 * 33 + 8 + 4 * 17 / 16
    for expansion in (32, 64, 128, 256, 512):
        index.expansion_search = expansion
        search = lambda row: index.search(row[0], meter.k, threads=1).keys[None]  # noqa: E731
        name = f"usearch {version('usearch')} {dtype}"
        meter.measure(name, f"ef={expansion}", search, resident, built)


def usearch_bytes(meter, base):
    usearch(meter, base, "i8", 1)


RIVALS = {
    "faiss-flat": flat,
    "faiss-ivf": ivf,
    "faiss-rabitq": rabitq,
    "hnswlib": hnsw,
    "usearch-f32": usearch,
    "usearch-i8": usearch_bytes,
}

if __name__ == "__main__":
    sys.exit(main())
