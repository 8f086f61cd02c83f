"""Tools from Model Context Protocol servers on this machine, beside the skills. https://modelcontextprotocol.io

One thread runs the official SDK's event loop, a task a server: connect, take its tools into the toolbox, look every
half minute whether it is still there, and start it again when it is not, after a pause that doubles up to a minute.
"""

import asyncio
import os
import threading
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import structlog

from assistant.brain.arguments import BadArguments
from assistant.brain.skill import TIMEOUT_S, Context, Reply
from assistant.brain.tools import Toolbox
from assistant.models.protocols import Tool as Definition
from assistant.session.turn import CancelToken
from assistant.threads import joined

if TYPE_CHECKING:
    from mcp import Client

CONNECT_S = 20.0
LOOK_S = 30.0
PAUSE_S, LONGEST_PAUSE_S = 1.0, 60.0
MOST_TOOLS = 32
LONGEST_DESCRIPTION = 600
"""Characters. A model reads all of it before each conversation."""

CODE = "mcp-server"
Tell = Callable[[str, str, str], object]
"""Told (code, message, hint), on the thread of the servers."""
Caller = Callable[[Mapping[str, Any]], Future[str]]
"""Calls a tool with these arguments; the answer comes from the thread of the servers."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class ServerSpec:
    """How to reach one: a ``command`` to run, which talks over its pipes, or a ``url`` (streamable HTTP)."""

    command: str = ""
    args: Sequence[str] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    url: str = ""
    confirm: bool = False
    """Its tools ask before they do anything."""
    timeout_s: float = TIMEOUT_S


class McpServers:
    """Owns the thread ``mcp``. Tools come and go in the toolbox while it runs."""

    def __init__(
        self,
        specs: Mapping[str, ServerSpec],
        tools: Toolbox,
        tell: Tell,
        *,
        pause_s: float = PAUSE_S,
        connect_s: float = CONNECT_S,
    ) -> None:
        self._connect_s = connect_s
        self._specs = specs
        self._tools = tools
        self._tell = tell
        self._pause_s = pause_s
        self._loop = asyncio.new_event_loop()
        self._stopping = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="mcp", daemon=True)

    def start(self) -> None:
        """Begin to connect; returns at once. Without any server there is no thread."""
        if self._specs:
            self._thread.start()

    def stop(self) -> None:
        """Let the servers go. Returns at once; ``join`` waits."""
        if self._thread.ident is not None:
            with suppress(RuntimeError):  # the loop has ended by itself
                self._loop.call_soon_threadsafe(self._stopping.set)

    def join(self, timeout_s: float) -> bool:
        """Wait for the thread. False if a server did not end in time."""
        return joined(self._thread, timeout_s)

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        keepers = [asyncio.create_task(self._keep(name, spec)) for name, spec in self._specs.items()]
        await self._stopping.wait()
        for keeper in keepers:
            keeper.cancel()
        await asyncio.gather(*keepers, return_exceptions=True)

    async def _keep(self, name: str, spec: ServerSpec) -> None:
        """One server, for as long as the conversation lasts."""
        pause_s = self._pause_s
        while True:
            try:
                async with _connected(spec, self._connect_s) as client:
                    pause_s = self._pause_s
                    await self._offer(name, spec, client)
                problem = "it has gone"
            except ImportError:
                self._tell(CODE, f"the MCP server {name} needs the package mcp", "Install it: pip install 'mcp>=2.3'")
                return
            except Exception as error:  # somebody's server, through three libraries: anything may happen
                problem = _reason(error)
            self._tell(
                CODE,
                f"the MCP server {name}: {problem}",
                f"It is tried again in {pause_s:.0f} s: see [tools.mcp.{name}].",
            )
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)

    async def _offer(self, name: str, spec: ServerSpec, client: "Client") -> None:
        """Its tools are in the toolbox until it is gone, or tells of others."""
        broken = asyncio.Event()
        offered: dict[str, Any] = {}
        names: list[str] = []
        try:
            while True:
                async with asyncio.timeout(self._connect_s):
                    listed = (await client.list_tools(cache_mode="bypass")).tools
                found = {tool.name: tool for tool in listed[:MOST_TOOLS]}
                if found != offered:
                    self._tools.remove(names)
                    names = self._take(name, spec, client, found.values(), broken)
                    offered = found
                    log.info("tools of an MCP server", server=name, tools=names, left_out=len(listed) - len(found))
                broken.clear()
                with suppress(TimeoutError):
                    await asyncio.wait_for(broken.wait(), LOOK_S)
        finally:
            self._tools.remove(names)

    def _take(self, server: str, spec: ServerSpec, client: "Client", found: Any, broken: asyncio.Event) -> list[str]:
        """Put its tools into the toolbox; the name of one that is there already gets the server's before it."""
        taken = {definition.name for definition in self._tools.definitions}
        tools = [
            McpTool(
                Definition(
                    each.name if each.name not in taken else f"{server}_{each.name}",
                    (each.description or each.title or each.name)[:LONGEST_DESCRIPTION],
                    each.input_schema,
                ),
                spec,
                self._caller(client, each.name, broken, spec.timeout_s),
            )
            for each in found
        ]
        self._tools.add(tools)
        return [tool.name for tool in tools]

    def _caller(self, client: "Client", name: str, broken: asyncio.Event, timeout_s: float) -> Caller:
        async def call(arguments: Mapping[str, Any]) -> str:
            try:
                return _text(await client.call_tool(name, dict(arguments), read_timeout_seconds=timeout_s))
            except Exception:  # whatever it was, have a look whether the server is still there
                broken.set()
                raise

        return lambda arguments: asyncio.run_coroutine_threadsafe(call(arguments), self._loop)


class ToolFailed(Exception):
    """What the server says of a call that it could not do."""


@dataclass(frozen=True, slots=True)
class McpTool:
    """A Tool, as the toolbox wants it."""

    definition: Definition
    spec: ServerSpec
    caller: Caller
    outlives_turn: bool = False

    @property
    def name(self) -> str:
        return self.definition.name

    @property
    def confirm(self) -> bool:
        return self.spec.confirm

    @property
    def timeout_s(self) -> float:
        return self.spec.timeout_s

    def bind(self, arguments: Mapping[str, Any], context: Context, token: CancelToken) -> Callable[[], Reply]:  # noqa: ARG002
        """The call, its arguments checked by the server's schema. Raises BadArguments."""
        import jsonschema

        try:
            jsonschema.validate(dict(arguments), dict(self.definition.parameters))
        except jsonschema.ValidationError as error:
            where = ".".join(map(str, error.absolute_path))
            raise BadArguments(f"{where}: {error.message}" if where else error.message) from error
        except jsonschema.SchemaError as error:
            raise BadArguments(f"the schema of {self.name} is wrong: {error.message}") from error

        def call() -> Reply:
            future = self.caller(arguments)
            forget = token.on_cancel(future.cancel)
            try:
                return Reply(future.result(self.timeout_s))
            finally:
                forget()

        return call


@asynccontextmanager
async def _connected(spec: ServerSpec, connect_s: float) -> AsyncIterator["Client"]:
    from mcp import Client, StdioServerParameters
    from mcp.client.stdio import stdio_client

    with open(os.devnull, "w") as nowhere:  # noqa: PTH123  # what a server prints must not reach the screen
        parameters = StdioServerParameters(command=spec.command or "-", args=list(spec.args), env=dict(spec.env))
        client = Client(spec.url or stdio_client(parameters, errlog=nowhere))
        async with asyncio.timeout(connect_s):
            await client.__aenter__()
        try:
            yield client
        finally:
            await client.__aexit__(None, None, None)


def _text(result: Any) -> str:
    """What a call gave, as text. Raises ToolFailed."""
    parts = [getattr(block, "text", None) or f"({getattr(block, 'type', 'something')})" for block in result.content]
    text = "\n".join(parts)
    if result.is_error:
        raise ToolFailed(text or "no reason given")
    return text


def _reason(error: BaseException) -> str:
    """The first of a group, in a few words."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    if isinstance(error, TimeoutError):
        return "it does not answer"
    return f"{type(error).__name__}: {error}"
