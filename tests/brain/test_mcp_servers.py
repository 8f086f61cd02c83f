"""MCP servers of another make over pipes, our own over HTTP, and servers that die, hang or talk garbage."""

import json
import queue
import socket
import sys
import threading
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from types import SimpleNamespace
from typing import Any

import pytest

from assistant.brain import mcp_servers
from assistant.brain.acts import Acts
from assistant.brain.arguments import BadArguments
from assistant.brain.mcp_servers import CODE, MOST_TOOLS, McpServers, ServerSpec, ToolFailed
from assistant.brain.runner import Runner
from assistant.brain.skill import Context
from assistant.brain.tools import Tool, Toolbox
from assistant.session.turn import CancelToken

TIME = ServerSpec(command=sys.executable, args=["-m", "mcp_server_time"])
PATIENCE_S = 60.0


class Watched(Toolbox):
    """A toolbox that tells what comes and goes."""

    def __init__(self) -> None:
        super().__init__()
        self.changes: queue.Queue[list[str]] = queue.Queue()

    def add(self, tools: Iterable[Tool]) -> None:
        super().add(tools)
        self._tell()

    def remove(self, names: Iterable[str]) -> None:
        names = list(names)
        super().remove(names)
        if names:
            self._tell()

    def wait_for(self, *names: str) -> None:
        while self.changes.get(timeout=PATIENCE_S) != list(names):
            pass

    def _tell(self) -> None:
        if hasattr(self, "changes"):
            self.changes.put([definition.name for definition in self.definitions])


class Told:
    def __init__(self) -> None:
        self.notices: queue.Queue[tuple[str, str, str]] = queue.Queue()

    def __call__(self, code: str, message: str, hint: str) -> None:
        self.notices.put((code, message, hint))

    def wait(self) -> tuple[str, str, str]:
        return self.notices.get(timeout=PATIENCE_S)


@contextmanager
def running(specs: dict[str, ServerSpec], **options: float) -> Iterator[tuple[Watched, Told]]:
    tools, told = Watched(), Told()
    servers = McpServers(specs, tools, told, **options)
    servers.start()
    try:
        yield tools, told
    finally:
        servers.stop()
        assert servers.join(PATIENCE_S)
        assert "mcp" not in [thread.name for thread in threading.enumerate()]


def call(tools: Toolbox, name: str, **arguments: Any) -> str:
    return tools.find(name).bind(arguments, Context(), CancelToken())().text


def test_a_server_of_another_make_gives_its_tools_and_answers() -> None:
    with running({"time": TIME}) as (tools, _):
        tools.wait_for("get_current_time", "convert_time")
        definition = tools.definitions[0]
        assert (definition.parameters["required"], definition.description[:8]) == (["timezone"], "Get curr")
        answer = call(tools, "convert_time", source_timezone="Europe/Paris", time="12:00", target_timezone="Asia/Tokyo")
        assert json.loads(answer)["target"]["timezone"] == "Asia/Tokyo"
        with pytest.raises(BadArguments, match="'timezone' is a required property"):
            call(tools, "get_current_time", zone="Europe/Paris")
        with pytest.raises(BadArguments, match="timezone: 7 is not of type 'string'"):
            call(tools, "get_current_time", timezone=7)
        with pytest.raises(ToolFailed, match="Mars"):
            call(tools, "get_current_time", timezone="Mars/Base")
        told = list[str]()

        def use() -> Iterator[str]:
            result = yield from Acts(Runner()).use(
                tools.find("get_current_time"), {"timezone": "Mars/Base"}, Context(), 1, CancelToken()
            )
            told.append(result)

        list(use())
        assert "Mars/Base" in json.loads(told[0])["error"]


MORTAL = """
import os
from mcp.server.mcpserver import MCPServer
server = MCPServer("mortal")
@server.tool()
def die() -> str:
    "Never answers."
    os._exit(1)
@server.tool()
def picture() -> bytes:
    "Binary."
    return bytes(range(256)) * 40000
server.run()
"""


def test_a_server_that_dies_is_started_again_and_said_so() -> None:
    mortal = ServerSpec(command=sys.executable, args=["-c", MORTAL])
    with running({"mortal": mortal}, pause_s=0.0) as (tools, told):
        tools.wait_for("die", "picture")
        with pytest.raises(Exception, match="closed"):
            call(tools, "die")
        tools.wait_for()
        code, message, hint = told.wait()
        assert (code, "mortal" in message, "[tools.mcp.mortal]" in hint) == (CODE, True, True)
        tools.wait_for("die", "picture")


@pytest.mark.parametrize(
    ("program", "says"),
    [
        ("while True: print('garbage ' * 1000, flush=True)", "does not answer"),
        ('input(); print(\'{"jsonrpc": "2.0", "id": 0, "result": 7}\', flush=True); input()', "the MCP server bad"),
        ("import time; time.sleep(600)", "does not answer"),
        ("raise SystemExit(3)", "the MCP server bad"),
    ],
)
def test_a_server_that_talks_garbage_or_nothing_is_told(
    program: str, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mcp.client.stdio.PROCESS_TERMINATION_TIMEOUT", 0.1)
    bad = ServerSpec(command=sys.executable, args=["-c", program])
    with running({"bad": bad}, pause_s=PATIENCE_S, connect_s=0.3) as (tools, told):
        code, message, _ = told.wait()
        assert (code, says in message) == (CODE, True), message
        assert tools.definitions == []


def test_a_program_that_is_not_there_is_told() -> None:
    with running({"bad": ServerSpec(command="no-such-program")}, pause_s=PATIENCE_S) as (_, told):
        assert "no-such-program" in told.wait()[1]


def test_a_tool_whose_name_is_taken_gets_the_servers_name_before_it() -> None:
    with running({"one": TIME, "two": TIME}) as (tools, _):
        while len(tools.definitions) < 4:
            tools.changes.get(timeout=PATIENCE_S)
        names = {definition.name for definition in tools.definitions}
        assert names in (
            {"get_current_time", "convert_time", "one_get_current_time", "one_convert_time"},
            {"get_current_time", "convert_time", "two_get_current_time", "two_convert_time"},
        )


def test_a_server_over_http_on_this_machine() -> None:
    import uvicorn
    from mcp.server.mcpserver import MCPServer

    server = MCPServer("adder")

    @server.tool()
    def add(a: int, b: int) -> int:
        """Add two numbers."""
        return a + b

    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        web = uvicorn.Server(uvicorn.Config(server.streamable_http_app(), log_level="error", lifespan="on"))
        thread = threading.Thread(target=web.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        try:
            url = f"http://127.0.0.1:{listening.getsockname()[1]}/mcp"
            with running({"adder": ServerSpec(url=url)}, pause_s=0.05) as (tools, _):
                tools.wait_for("add")
                assert "5" in call(tools, "add", a=2, b=3)
        finally:
            web.should_exit = True
            thread.join(PATIENCE_S)


class Peer:
    """A server that is none: tools that fail. ``looks`` counts how often it was asked for them."""

    def __init__(self, count: int) -> None:
        self.looks: queue.Queue[int] = queue.Queue()
        self._tools = [SimpleNamespace(name=f"t{n}", description="", title="T", input_schema={}) for n in range(count)]

    async def list_tools(self, **_: object) -> SimpleNamespace:
        self.looks.put(1)
        return SimpleNamespace(tools=self._tools)

    async def call_tool(self, *_: object, **__: object) -> None:
        raise OSError("broken pipe")


def answered_by(monkeypatch: pytest.MonkeyPatch, *peers: Peer | None) -> None:
    """Connecting reaches these, one after the other; nobody where it is None."""
    coming = iter(peers)

    @asynccontextmanager
    async def connected(*_: object) -> AsyncIterator[Peer]:
        if (peer := next(coming)) is None:
            raise OSError("nobody there")
        yield peer

    monkeypatch.setattr(mcp_servers, "_connected", connected)


def test_a_server_that_was_there_is_tried_again_as_soon_as_at_first(monkeypatch: pytest.MonkeyPatch) -> None:
    class Fleeting(Peer):
        async def list_tools(self, **_: object) -> SimpleNamespace:
            raise OSError("gone")

    async def at_once(_: float) -> None: ...

    answered_by(monkeypatch, None, None, None, Fleeting(0), None, Peer(1))
    monkeypatch.setattr("asyncio.sleep", at_once)
    with running({"peer": ServerSpec()}, pause_s=1.0) as (tools, told):
        tools.wait_for("t0")
        hints = [told.wait()[2] for _ in range(5)]
    assert [hint.split()[5] for hint in hints] == ["1", "2", "4", "1", "2"]


def test_a_server_with_very_many_tools_offers_the_first_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    answered_by(monkeypatch, Peer(MOST_TOOLS + 5))
    with running({"peer": ServerSpec()}) as (tools, _):
        tools.wait_for(*[f"t{number}" for number in range(MOST_TOOLS)])


def test_a_look_that_finds_nothing_new_takes_no_tool_away(monkeypatch: pytest.MonkeyPatch) -> None:
    peer = Peer(1)
    answered_by(monkeypatch, peer)
    with running({"peer": ServerSpec()}) as (tools, _):
        tools.wait_for("t0")
        for _ in range(2):
            peer.looks.get(timeout=PATIENCE_S)
            with pytest.raises(OSError, match="broken pipe"):
                call(tools, "t0")
        peer.looks.get(timeout=PATIENCE_S)
        assert tools.changes.empty()


def test_without_servers_there_is_no_thread() -> None:
    with running({}):
        assert "mcp" not in [thread.name for thread in threading.enumerate()]
