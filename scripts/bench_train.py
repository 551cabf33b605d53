"""Compares the training of FAISS and of rm-core on the same vectors; started by bench-train.sh.

Three trainers take turns, each run in a process of its own with cold thread pools, on the same threads:

- FAISS k-means, spherical: centroids are scaled to unit norm after each iteration, as ours are;
- FAISS k-means as it comes: Euclidean;
- rm-core's default trainer, through the example `train`.

Timed is training alone, by each trainer's own clock, without starting up or reading the vectors. The fit is
measured here, by the same code for all: the mean cosine of each vector and its best centroid at unit norm.
"""

import argparse
import multiprocessing
import os
import re
import statistics
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from bench_arguments import add_threads, positive

# What is asked of FAISS; the vectors' dimension is read off the file.
ITERATIONS = 10
SEED = 42

# Components of a row in a file of the embedding cache, which are half floats without a header.
CACHE_DIM = 384

# How far the norm of a unit vector may be off after a detour through half floats.
NORM_TOLERANCE = 2e-3

# Rows that are compared with all centroids at a time.
BLOCK_ROWS = 8192


def main():
    arguments = parse_arguments()
    path = arguments.vectors or largest_cache_file(arguments.cache)
    vectors = read_unit_rows(path)[: arguments.rows]
    n_rows, dim = vectors.shape
    if n_rows < arguments.k:
        sys.exit(f"expected at least {arguments.k} vectors, one for each centroid; {path} holds {n_rows}")
    print(f"{path}: {n_rows} x {dim}, K = {arguments.k}, {arguments.threads} threads")

    raw = arguments.work / "vectors.f32"
    vectors.astype("<f4").tofile(raw)
    trainers = {
        "FAISS, spherical": lambda: faiss_in_new_process(raw, dim, arguments, True),
        "FAISS, Euclidean": lambda: faiss_in_new_process(raw, dim, arguments, False),
        "rm-core": lambda: rm_core(raw, dim, arguments),
    }
    runs = {name: [] for name in trainers}
    for repeat in range(arguments.repeats):
        for name, train in trainers.items():
            seconds, centroids = train()
            runs[name].append((seconds, mean_cosine(vectors, centroids)))
            print(f"run {repeat + 1}: {name:<17} {seconds:8.3f} s  mean cosine {runs[name][-1][1]:.5f}")
    report(runs)


def parse_arguments():
    parser = argparse.ArgumentParser(
        prog="bench-train.sh", description="Compares the training of FAISS and of rm-core."
    )
    parser.add_argument("vectors", nargs="?", type=Path, help=".npy or .f16 (default: the largest of data/vectors)")
    parser.add_argument("-k", type=positive, default=512, help="centroids (default 512)")
    parser.add_argument("--rows", type=positive, default=50_000, help="vectors taken at most (default 50,000)")
    parser.add_argument("--repeats", type=positive, default=3, help="runs of each trainer (default 3)")
    add_threads(parser)
    for name in ("--train", "--cache", "--work"):
        parser.add_argument(name, type=Path, required=True, help=argparse.SUPPRESS)
    return parser.parse_args()


def largest_cache_file(cache):
    files = sorted(cache.glob("*/*.f16"), key=lambda file: file.stat().st_size)
    if not files:
        sys.exit(f"no vectors in {cache}: name a .npy file, or run the main job first, which leaves them there")
    return files[-1]


def read_unit_rows(path):
    """Returns the rows as float32 at unit norm; rows of the cache that a crash has left empty are dropped."""
    if path.suffix == ".npy":
        rows = np.load(path).astype(np.float32, copy=False)
        if rows.ndim != 2:
            sys.exit(f"expected rows of float32 in {path}, got an array of {rows.ndim} dimensions")
    else:
        halves = np.fromfile(path, dtype="<f2")
        rows = halves[: len(halves) // CACHE_DIM * CACHE_DIM].reshape(-1, CACHE_DIM).astype(np.float32)
        rows = rows[np.any(rows != 0.0, axis=1)]
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    worst = np.max(np.abs(norms - 1.0), initial=0.0)
    if not worst <= NORM_TOLERANCE:
        sys.exit(f"expected unit vectors in {path}, got one whose norm is off by {worst}")
    return np.ascontiguousarray(rows / norms)


def faiss_in_new_process(raw, dim, arguments, spherical):
    """Runs one FAISS training in a fresh process, as ours has one, and returns seconds and centroids."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(faiss_kmeans, (raw, dim, arguments.k, arguments.threads, spherical))


def faiss_kmeans(raw, dim, k, threads, spherical):
    import faiss

    faiss.omp_set_num_threads(threads)
    vectors = np.fromfile(raw, dtype="<f4").reshape(-1, dim)
    kmeans = faiss.Kmeans(d=dim, k=k, niter=ITERATIONS, spherical=spherical, seed=SEED)
    started = time.perf_counter()
    kmeans.train(vectors)
    return time.perf_counter() - started, kmeans.centroids


def rm_core(raw, dim, arguments):
    """Runs the example `train VECTORS DIM K CENTROIDS` and returns the seconds it prints and its centroids."""
    output = arguments.work / "centroids.f32"
    output.unlink(missing_ok=True)
    command = [arguments.train, raw, str(dim), str(arguments.k), output]
    environment = os.environ | {"RAYON_NUM_THREADS": str(arguments.threads)}
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    seconds = re.search(r"^seconds[\s:=]+([\d.eE+-]+)", done.stdout, re.MULTILINE)
    if seconds is None:
        sys.exit(f"expected a line `seconds NUMBER` from {arguments.train}, got:\n{done.stdout}")
    return float(seconds.group(1)), np.fromfile(output, dtype="<f4").reshape(-1, dim)


def mean_cosine(vectors, centroids):
    """Returns the mean cosine of each vector and its best centroid, with centroids scaled to unit norm."""
    norms = np.linalg.norm(centroids, axis=1, keepdims=True)
    directions = (centroids / np.where(norms > 0.0, norms, 1.0)).T
    blocks = range(0, len(vectors), BLOCK_ROWS)
    best = [(vectors[start : start + BLOCK_ROWS] @ directions).max(axis=1) for start in blocks]
    return float(np.concatenate(best).mean(dtype=np.float64))


def report(runs):
    import faiss

    print(f"\nFAISS {faiss.__version__}, {ITERATIONS} iterations, seed {SEED}; {len(runs['rm-core'])} runs each\n")
    print(f"{'trainer':<17} {'best s':>8} {'median s':>9} {'mean cosine':>12}")
    best, median, cosine = {}, {}, {}
    for name, results in runs.items():
        seconds = [run[0] for run in results]
        best[name], median[name] = min(seconds), statistics.median(seconds)
        cosine[name] = statistics.median(run[1] for run in results)
        print(f"{name:<17} {best[name]:8.3f} {median[name]:9.3f} {cosine[name]:12.5f}")
    print("\nrm-core over FAISS (time below 1 is faster, cosine above 1 fits better)")
    for name in runs:
        if name != "rm-core":
            ratios = [column["rm-core"] / column[name] for column in (best, median, cosine)]
            print(f"{name:<17} {ratios[0]:8.3f} {ratios[1]:9.3f} {ratios[2]:12.5f}")


if __name__ == "__main__":
    main()
