"""Measures `rmem mcp` and `rmem search`; started by bench-mcp.sh.

Timed is what an agent's host waits for: from the call of the SDK's `call_tool` to its return, the answer parsed and validated. Calls
come one after the other. `drift_status` computes nothing, so its time is that of the protocol and of the client itself.
"""

import argparse
import asyncio
import gzip
import os
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from bench_arguments import positive
from mcp import Client
from mcp.client.stdio import StdioServerParameters

ROOT = Path(__file__).resolve().parent.parent
SERVING = "rmem: serving "

# Calls before the first that counts: the model and the index of words are loaded by them.
WARM_UP = 30


def data_set():
    """The folder of the Reddit data set, if there is one."""
    named = os.environ.get("RM_DATA")
    folders = [Path(named)] if named else [ROOT / "data", ROOT / "../shared/data"]
    found = (folder / "reddit" for folder in folders)
    return next((folder for folder in found if (folder / "titles.tsv.gz").exists()), None)


def column(path, at, count):
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [line.rstrip("\n").split("\t")[at] for line, _ in zip(lines, range(count))]


def texts(items, searches):
    """What is remembered, and what is asked, by kind."""
    reddit = data_set()
    if reddit is None:
        command = ["cargo", "run", "--quiet", "--release", "-p", "rm-experiments", "--example", "agent_memories", "--", str(items)]
        lines = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()
        # Three lines each: what it is, the text, and a question with its answer.
        remembered = [line.strip() for line in lines[1::3]]
        questions = [line.strip().split(" -> ")[0] for line in lines[2::3]]
        return "generated memories", remembered, {"questions": questions[:searches]}
    titles = column(reddit / "titles.tsv.gz", 3, items + searches)
    bodies = column(reddit / "queries.tsv.gz", 2, searches)
    return "Reddit titles", titles[:items], {"titles": titles[items:], "bodies of posts": bodies}


def report(name, times_ms):
    ordered = sorted(times_ms)
    p99 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
    print(f"| {name} | {statistics.median(ordered):.2f} | {p99:.2f} | {len(ordered)} |", flush=True)


async def timed(client, tool, arguments):
    times_ms = []
    for one in arguments:
        began = time.perf_counter()
        result = await client.call_tool(tool, one)
        times_ms.append((time.perf_counter() - began) * 1e3)
        assert not result.is_error, result
    return times_ms


async def measure(transport, server, asked):
    async with Client(server) as client:
        await client.list_tools()
        for kind, questions in asked.items():
            arguments = [{"query": question} for question in questions]
            await timed(client, "search_memories", arguments[:WARM_UP])
            name = f"search_memories over {transport}, {kind}, {mean_length(questions)} characters"
            report(name, await timed(client, "search_memories", arguments))
        report(f"drift_status over {transport}", await timed(client, "drift_status", [{}] * 200))


def mean_length(texts):
    return round(statistics.mean(map(len, texts)))


def cold(rmem, db, questions):
    times_ms = []
    for question in questions:
        began = time.perf_counter()
        subprocess.run([rmem, "search", "--db", db, "--", question], check=True, stdout=subprocess.DEVNULL)
        times_ms.append((time.perf_counter() - began) * 1e3)
    return times_ms


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rmem", required=True)
    parser.add_argument("--items", type=positive, default=10_000)
    parser.add_argument("--searches", type=positive, default=500)
    parser.add_argument("--cold", type=positive, default=30)
    asked_for = parser.parse_args()
    kind, remembered, asked = texts(asked_for.items, asked_for.searches)
    with tempfile.TemporaryDirectory() as folder:
        db = str(Path(folder) / "memory.db")
        lines = "\n".join(remembered).encode()
        subprocess.run([asked_for.rmem, "add", "--db", db, "-"], input=lines, check=True, stdout=subprocess.DEVNULL)
        print(f"{len(remembered):,} items, {kind}; {os.cpu_count()} cores\n")
        print("| what | median ms | p99 ms | calls |\n|---|---|---|---|")
        stdio = StdioServerParameters(command=asked_for.rmem, args=["mcp", "--db", db], env=dict(os.environ))
        asyncio.run(measure("stdio", stdio, asked))
        command = [asked_for.rmem, "mcp", "--db", db, "--http", "0"]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as server:
            url = server.stderr.readline().removeprefix(SERVING).strip()
            try:
                asyncio.run(measure("HTTP", url, asked))
            finally:
                server.terminate()
        questions = next(iter(asked.values()))[: asked_for.cold]
        report("rmem search, the whole process", cold(asked_for.rmem, db, questions))


if __name__ == "__main__":
    main()
