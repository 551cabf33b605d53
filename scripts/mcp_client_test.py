"""Tests `rmem mcp` with the official Python SDK; started by mcp-client-test.sh.

Each check has a memory and a server of its own, and runs four times: over standard input and output and over HTTP, each in
the current revision of the protocol (discovered, without a handshake) and in the one before it (with one). The SDK validates every
structured answer against the output schema of its tool.
"""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import traceback
import urllib.error
import urllib.request
from contextlib import asynccontextmanager
from pathlib import Path

from mcp import Client, MCPError
from mcp.client.stdio import StdioServerParameters

# Revisions, and how the SDK is told to speak them.
REVISIONS = {"2026-07-28": "auto", "2025-11-25": "legacy"}
TRANSPORTS = ("stdio", "http")

TOOLS = [
    "add_memory",
    "add_memories",
    "search_memories",
    "get_memory",
    "get_memories",
    "update_memory",
    "delete_memory",
    "delete_all_memories",
    "build_context",
    "memory_stats",
    "drift_status",
    "search",
    "fetch",
]

# Characters of 10,000 tokens of English, and some more.
MOST_CHARACTERS = 40_000

SERVING = "rmem: serving "


class HttpServer:
    """`rmem mcp --http` on a free port."""

    def __init__(self, rmem, db):
        command = [rmem, "mcp", "--db", str(db), "--http", "0"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        line = self.process.stderr.readline()
        assert line.startswith(SERVING), line
        self.url = line.removeprefix(SERVING).strip()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        stdout, _ = self.process.communicate(timeout=30)
        assert (self.process.returncode, stdout) == (143, ""), (self.process.returncode, stdout)


@asynccontextmanager
async def connected(rmem, transport, revision):
    """A client of a server with an empty memory."""
    mode = REVISIONS[revision]
    with tempfile.TemporaryDirectory() as folder:
        db = Path(folder) / "memory.db"
        if transport == "stdio":
            server = StdioServerParameters(command=rmem, args=["mcp", "--db", str(db)], env=dict(os.environ))
            async with Client(server, mode=mode) as client:
                yield client
        else:
            with HttpServer(rmem, db) as server:
                async with Client(server.url, mode=mode) as client:
                    yield client


async def call(client, tool, **arguments):
    """Calls a tool that has to answer, and returns its structured content, which its text has to be as well."""
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, f"{tool}: {result}"
    assert json.loads(result.content[0].text) == result.structured_content, tool
    return result.structured_content


async def refused(client, tool, **arguments):
    """Calls a tool that has to refuse, and returns the one line that says why."""
    result = await client.call_tool(tool, arguments)
    assert result.is_error, f"{tool}: {result}"
    text = result.content[0].text
    assert len(text.splitlines()) == 1, text
    return text


def ids(items):
    return [item["id"] for item in items]


async def the_server_tells_of_itself(client, revision):
    assert client.protocol_version == revision, client.protocol_version
    assert client.server_info.name == "rmem", client.server_info
    assert "search_memories" in client.instructions, client.instructions


async def every_tool_has_hints_and_schemas(client, _):
    listed = await client.list_tools()
    assert [tool.name for tool in listed.tools] == TOOLS, listed
    for tool in listed.tools:
        hints = tool.annotations
        given = (hints.read_only_hint, hints.destructive_hint, hints.idempotent_hint, hints.open_world_hint)
        assert None not in given, tool
        assert tool.title and tool.description and tool.output_schema, tool


async def every_tool_answers(client, _):
    added = await call(client, "add_memory", text="Green tea is what the user drinks", id="tea", metadata={"topic": "food"})
    assert added == {"id": "tea", "added": True}, added
    new = [{"text": "The user prefers dark mode", "id": "ui"}, {"text": "Meeting with Alice on Friday", "importance": 0.9}]
    added = await call(client, "add_memories", memories=new)
    assert added["added"] == 2, added
    found = await call(client, "search_memories", query="what does she like to drink?")
    assert ids(found["results"]) == ["tea"] and found["signals"]["confidence"] > 0, found
    filtered = await call(client, "search_memories", query="tea", filter={"topic": "ui"}, min_score=-1)
    assert filtered["results"] == [], filtered
    assert (await call(client, "get_memory", id="ui"))["text"] == "The user prefers dark mode"
    listed = await call(client, "get_memories", filter={"topic": "food"})
    assert ids(listed["memories"]) == ["tea"], listed
    changed = await call(client, "update_memory", id="ui", text="The user prefers light mode", metadata={"topic": "ui"})
    assert (changed["text"], changed["metadata"]) == ("The user prefers light mode", {"topic": "ui"}), changed
    context = await call(client, "build_context", query="which mode does the user prefer?", max_tokens=100)
    assert "light mode" in context["text"] and context["tokens"] <= 100, context
    assert (await call(client, "memory_stats"))["items"] == 3
    assert (await call(client, "drift_status"))["in_drift"] is False
    hits = (await call(client, "search", query="what does she like to drink?"))["results"]
    assert set(hits[0]) == {"id", "title", "url"} and hits[0]["id"] == "tea", hits
    fetched = await call(client, "fetch", id="tea")
    assert set(fetched) == {"id", "title", "text", "url", "metadata"}, fetched
    assert await call(client, "delete_memory", id="tea") == {"deleted": "tea"}
    assert await call(client, "delete_all_memories", confirm=True) == {"deleted": 2}
    assert (await call(client, "search_memories", query="tea"))["results"] == []


async def pages_bring_every_memory_once(client, _):
    new = [{"text": f"fact number {n}", "id": f"f{n}"} for n in range(25)]
    await call(client, "add_memories", memories=new)
    seen, cursor = [], None
    while True:
        page = await call(client, "get_memories", limit=10, cursor=cursor)
        seen += ids(page["memories"])
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == [f"f{n}" for n in range(25)], seen


async def refusals_are_results(client, _):
    await call(client, "add_memory", text="tea", id="tea")
    assert "no memory has the id" in await refused(client, "get_memory", id="nothing")
    assert "filter at" in await refused(client, "search_memories", query="tea", filter={"a": {"over": 1}})
    assert "missing field `query`" in await refused(client, "search_memories")
    assert "already" in await refused(client, "add_memory", text="more tea", id="tea")
    assert "would delete 1 memory" in await refused(client, "delete_all_memories")
    assert (await call(client, "memory_stats"))["items"] == 1


async def an_unknown_tool_is_an_error_of_the_protocol(client, _):
    try:
        await client.call_tool("nothing", {})
    except MCPError as error:
        assert error.code == -32602, error
    else:
        raise AssertionError("the call was answered")


async def answers_are_short(client, _):
    text = "The user drinks green tea in the morning, and black tea at four. " * 2_000
    await call(client, "add_memories", memories=[{"text": text, "id": f"long{n}"} for n in range(8)])
    for tool, arguments in (
        ("search_memories", {"query": "green tea or black tea?", "limit": 8}),
        ("get_memories", {}),
        ("build_context", {"query": "green tea or black tea?", "max_tokens": 50_000}),
        ("fetch", {"id": "long0"}),
    ):
        result = await client.call_tool(tool, arguments)
        assert not result.is_error, result
        assert len(result.model_dump_json()) < MOST_CHARACTERS, tool
        assert "true" in result.content[0].text, tool  # truncated, somewhere
    read, offset = "", 0
    while offset is not None:
        part = await call(client, "get_memory", id="long0", offset=offset)
        read, offset = read + part["text"], part.get("next_offset")
    assert read == text


async def calls_may_overlap(client, _):
    await call(client, "add_memories", memories=[{"text": f"cup {n} of tea", "id": str(n)} for n in range(50)])
    searches = [call(client, "search_memories", query=f"cup {n}", limit=1, min_score=-1) for n in range(20)]
    for answer in await asyncio.gather(*searches):
        assert len(answer["results"]) == 1, answer


CHECKS = (
    the_server_tells_of_itself,
    every_tool_has_hints_and_schemas,
    every_tool_answers,
    pages_bring_every_memory_once,
    refusals_are_results,
    an_unknown_tool_is_an_error_of_the_protocol,
    answers_are_short,
    calls_may_overlap,
)


def pages_of_other_machines_are_refused(rmem):
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
    with tempfile.TemporaryDirectory() as folder, HttpServer(rmem, Path(folder) / "memory.db") as server:
        for headers, expected in (
            ({"Origin": "https://example.com"}, 403),
            ({"Origin": "null"}, 403),
            ({"Host": "example.com"}, 403),
            ({"Origin": "http://localhost:6274"}, 200),
            ({}, 200),
        ):
            usual = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
            request = urllib.request.Request(server.url, json.dumps(message).encode(), usual | headers)
            try:
                with urllib.request.urlopen(request, timeout=30) as response:
                    status = response.status
            except urllib.error.HTTPError as error:
                status = error.code
            assert status == expected, (headers, status)


async def run(check, rmem, transport, revision):
    async with connected(rmem, transport, revision) as client:
        await check(client, revision)


def main():
    (rmem,) = sys.argv[1:]
    cases = [
        (f"{check.__name__} ({transport}, {revision})", lambda c=check, t=transport, r=revision: asyncio.run(run(c, rmem, t, r)))
        for transport in TRANSPORTS
        for revision in REVISIONS
        for check in CHECKS
    ]
    cases.append(("pages_of_other_machines_are_refused", lambda: pages_of_other_machines_are_refused(rmem)))
    failed = 0
    for name, case in cases:
        try:
            case()
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
            failed += 1
            traceback.print_exc()
            print(f"{name}: FAILED", flush=True)
        else:
            print(f"{name}: ok", flush=True)
    print(f"{len(cases) - failed} passed, {failed} failed")
    sys.exit(min(failed, 1))


if __name__ == "__main__":
    main()
