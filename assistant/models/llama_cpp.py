"""Language models as GGUF files, through llama.cpp."""

import codecs
import ctypes
from collections.abc import Generator, Iterator, Sequence, Set
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from assistant.errors import EngineFailed, InputError
from assistant.models import headers, llama_library
from assistant.models.chat_template import CURSOR, ChatTemplate
from assistant.models.llama_library import ENGINE
from assistant.models.llama_prefix import WORTH_TOKENS, PrefixFile
from assistant.models.protocols import Message, Tool, ToolCall
from assistant.models.tool_grammar import grammar_of
from assistant.models.tool_json import BareJson, opens
from assistant.session.turn import CancelToken

DROPPED_AT_ONCE = 4
"""History is dropped in blocks of two exchanges, so that the cached prefix survives most turns of a long talk."""

BATCH_TOKENS = 32
"""All that an aborted prefill can lose. From 16 on a token costs the same in any batch (measured, one thread, 360M)."""

PIECE_BYTES = 256


class LlamaLlm:
    """A GGUF model that streams its answer, with the chat template that it carries (ChatML where it has none).

    The keys and values of the longest common prefix with the previous prompt are kept: an append-only history costs
    only its new tokens. Tools are offered as the template does it, and calls read in the form that it writes. A model
    whose template knows no tools, or writes calls in a form that we do not read, is told of them in words
    (``tool_prompt``). Where calls are bare JSON, a grammar of the tools rules from the first brace on.

    Cancel point: between tokens and, within a decode, between the nodes of the graph (``llama_set_abort_callback``).
    Worst delay in a prefill of 1500 tokens, 360 million parameters on one thread: 1 ms, and 17 ms on a busy machine.
    """

    def __init__(
        self,
        model: Path,
        threads: int = 1,
        context_tokens: int = 4096,
        max_tokens: int = 300,
        temperature: float = 0.7,
        *,
        prefixes: Path | None = None,
    ) -> None:
        """Load ``model``. ``prefixes`` is the folder for what ``prepare`` has read, None keeps nothing.

        Raises EngineUnavailable, ModelMissing, ModelCorrupt.
        """
        headers.check(model, ENGINE)
        self._model = model
        self._prefixes = prefixes
        self._library = llama_library.import_library()
        self._name = f"llama.cpp {model.stem}"
        self._max_tokens = max_tokens
        self._temperature = temperature
        self._llama = llama_library.load(
            self._library, model, threads=threads, n_ctx=context_tokens, n_batch=BATCH_TOKENS
        )
        self._vocab = self._library.llama_model_get_vocab(self._llama.model)
        self._context_tokens = min(context_tokens, self._library.llama_model_n_ctx_train(self._llama.model))
        self._template = ChatTemplate(self._llama, self._name)
        self._marks = self._tokens_of(self._template.form.marks)
        self._measured: tuple[tuple[str, ...], int] = ((), 0)  # tools by name, and how many of them have room
        self._grammar: tuple[Sequence[Tool], Any] = ((), None)  # of these tools
        self._abort = llama_library.Abort(self._library, self._llama)

    @property
    def name(self) -> str:
        return self._name

    def warm(self) -> None:
        for _ in self._ids(self._tokenize([Message("user", "Hello.")]), 1, CancelToken()):
            pass

    def generate(
        self, messages: Sequence[Message], token: CancelToken, tools: Sequence[Tool] = ()
    ) -> Iterator[str | ToolCall]:
        """As the protocol; also raises InputError where the newest message alone is longer than the context."""
        token.raise_if_cancelled()
        offered = self._offered(tools)
        deltas = self._deltas(self._fit(messages, offered), token, offered)
        yield from self._template.form.calls_in(deltas, offered) if offered else deltas

    def prefill(self, messages: Sequence[Message], token: CancelToken, tools: Sequence[Tool] = ()) -> None:
        """As the protocol. Does nothing where ``generate`` would have to leave history out."""
        self._read(self._known(messages, tools), token)

    def prepare(self, messages: Sequence[Message], tools: Sequence[Tool] = ()) -> None:
        """As the protocol. A long beginning is kept on disk, and not read again at the next start."""
        known = self._known(messages, tools)
        if self._prefixes is None or not WORTH_TOKENS <= len(known) <= self._prompt_limit:
            self._read(known, CancelToken())
            return
        file = PrefixFile(self._prefixes, self._library, self._llama, self._model, known)
        if not file.restore():
            self._read(known, CancelToken())
            file.save()

    def _known(self, messages: Sequence[Message], tools: Sequence[Tool]) -> list[int]:
        """The prompt up to the end of the last message's content, which may go on."""
        *before, newest = messages
        open_end = replace(newest, content=newest.content + CURSOR)
        known, _, _ = self._render([*before, open_end], self._offered(tools)).rpartition(CURSOR)
        return self._encode(known)[:-1]  # the last token may become another one with what follows

    def _read(self, prompt: list[int], token: CancelToken) -> None:
        if 0 < len(prompt) <= self._prompt_limit:
            for _ in self._ids(prompt, 1, token):
                pass

    def _deltas(self, prompt: list[int], token: CancelToken, tools: Sequence[Tool] = ()) -> Iterator[str]:
        """The answer; where calls are bare JSON, they are written under the grammar of ``tools``.

        The token that begins one is chosen again, and so is the one behind it, where a grammar knows but the end. All
        before has been read, so that costs no reading.
        """
        form, read = self._template.form, list(prompt)
        end = len(prompt) + min(self._max_tokens, self._context_tokens - len(prompt))
        key = form.key if isinstance(form, BareJson) and tools else ""
        while (yield from self._freely(read, end, token, guided=bool(key))):
            grammar = self._grammar_of(tools, key)
            for number, text in self._texts(self._ids(read, end - len(read), token, grammar)):
                read.append(number)
                yield text

    def _freely(self, read: list[int], end: int, token: CancelToken, *, guided: bool) -> Generator[str, None, bool]:
        """The answer behind ``read``, which grows with it; ``guided``, up to where a call begins. Whether one does."""
        line = ""
        ids = self._ids(read.copy(), end - len(read), token)
        for number, text in self._texts(ids):
            line = line.rpartition("\n")[2] + text
            called = guided and "{" in text and opens(line)
            if text := text.partition("{")[0] if called else text:
                yield text
            if called:
                ids.close()
                return True
            read.append(number)
        return False

    def _texts(self, ids: Iterator[int]) -> Iterator[tuple[int, str]]:
        """Tokens, and the characters that each completes."""
        decoder = codecs.getincrementaldecoder("utf-8")(errors="ignore")  # a character may span several tokens
        for number in ids:
            yield number, decoder.decode(self._piece(number))

    def _grammar_of(self, tools: Sequence[Tool], key: str) -> Any:
        known, grammar = self._grammar
        if list(known) != list(tools):
            written = grammar_of(tools, key, partial(llama_library.is_grammar, self._library, self._vocab))
            grammar = self._library.LlamaGrammar.from_string(written, verbose=False)
            self._grammar = tools, grammar
        return grammar

    def close(self) -> None:
        self._llama.close()

    def _ids(self, prompt: list[int], room: int, token: CancelToken, grammar: Any = None) -> Generator[int]:
        """Token ids of the answer, up to ``room`` of them or the end of the turn; the likeliest under a ``grammar``."""
        forget = token.on_cancel(self._abort.arm())
        temperature = self._temperature if grammar is None else 0.0
        try:
            for number in islice(self._llama.generate(prompt, temp=temperature, grammar=grammar), room):
                token.raise_if_cancelled()
                if self._library.llama_vocab_is_eog(self._vocab, number):
                    return
                yield number
        except RuntimeError as error:  # a decode that was aborted, or failed
            self._mend_cache()
            token.raise_if_cancelled()
            raise EngineFailed(
                f"{self._name} broke off: {error}", hint="Ask again; if it happens often, install another model."
            ) from error
        finally:
            forget()

    def _mend_cache(self) -> None:
        """llama.cpp takes an unfinished batch out of the attention cache itself; a recurrent state cannot go back."""
        model = self._llama.model
        if self._library.llama_model_is_recurrent(model) or self._library.llama_model_is_hybrid(model):
            self._llama.reset()

    def _offered(self, tools: Sequence[Tool]) -> Sequence[Tool]:
        """The first of the tools, as many as have room in a third of the context."""
        names = tuple(tool.name for tool in tools)
        known, count = self._measured
        if names != known:
            empty, count = [Message("user", "")], len(tools)
            room = len(self._tokenize(empty)) + self._context_tokens // 3
            while count and len(self._tokenize(empty, tools[:count])) > room:
                count -= 1
            self._measured = names, count
        return tools[:count]

    def _fit(self, messages: Sequence[Message], tools: Sequence[Tool] = ()) -> list[int]:
        """The prompt, without the oldest history where the context has no room for it. Raises InputError."""
        limit = self._prompt_limit
        for kept in shortened(messages):
            tokens = self._tokenize(kept, tools)
            if len(tokens) <= limit:
                return tokens
        raise InputError(
            f"that is too long for the language model: {len(tokens)} tokens, where {limit} have room",
            hint="Say it shorter, or raise llm.context_tokens if the model and the memory allow it.",
        )

    @property
    def _prompt_limit(self) -> int:
        limit: int = self._context_tokens - min(self._max_tokens, self._context_tokens // 4)
        return limit

    def _tokenize(self, messages: Sequence[Message], tools: Sequence[Tool] = ()) -> list[int]:
        return self._encode(self._render(messages, tools))

    def _encode(self, prompt: str) -> list[int]:
        text = prompt.encode("utf-8", "ignore")
        # A template writes the start token itself.
        tokens: list[int] = self._llama.tokenize(text, add_bos=not self._template.source, special=True)
        return tokens

    def _render(self, messages: Sequence[Message], tools: Sequence[Tool] = ()) -> str:
        return self._template.render(messages, tools)

    def _tokens_of(self, marks: Sequence[str]) -> Set[int]:
        """Those of the marks that are tokens."""
        read = (self._llama.tokenize(mark.encode(), add_bos=False, special=True) for mark in marks)
        return {tokens[0] for tokens in read if len(tokens) == 1}

    def _piece(self, number: int) -> bytes:
        buffer = ctypes.create_string_buffer(PIECE_BYTES)
        size = self._library.llama_token_to_piece(self._vocab, number, buffer, PIECE_BYTES, 0, number in self._marks)
        return buffer.raw[: max(0, size)]


def shortened(messages: Sequence[Message]) -> Iterator[Sequence[Message]]:
    """The messages, then with ever less of their oldest history.

    The system message always stays, and so does the newest one of the user with the calls and results after it.
    """
    system = [m for m in messages[:1] if m.role == "system"]
    newest = max((place for place, m in enumerate(messages) if m.role == "user"), default=len(messages) - 1)
    start = len(system)
    while start < newest:
        yield [*system, *messages[start:]]
        start = min(start + DROPPED_AT_ONCE, newest)
    yield [*system, *messages[start:]]
