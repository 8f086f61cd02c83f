"""Which module may import which: the architecture, as rules that a test holds. docs/design.md says why."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = "assistant"

PROTOCOLS = "audio.protocols brain.protocols models.protocols"

ANYTHING = "*"

# What a room, or one of its modules, may import of ours besides itself. The longest name that fits decides.
MAY_IMPORT = {
    # The ground: everyone may stand on it, so it stands on nothing.
    "errors": "",
    "power": "",
    "processor": "",
    "manner": "",
    "threads": "",
    "events": "",
    "session.turn": "",
    "bus": "events",
    "models.protocols": "session.turn",
    "brain.protocols": "session.turn",
    "audio.protocols": "models.protocols",
    # The rooms. A conversation knows engines and devices by their protocols alone.
    "session": f"errors events bus config manner threads {PROTOCOLS} models.worker audio.level brain.corrections",
    "audio": "errors models.protocols",
    "models": "errors events config session.turn store offline doctor_llama threads processor",
    "offline": "",
    "store": "errors config session.turn offline power processor",
    "models.fakes": "audio.level models.protocols session.turn",
    "brain": "errors manner models.protocols power session.turn threads",
    "recording": "errors events bus config audio models.protocols store.archive threads",
    "memory": (
        "errors events bus brain.agenda brain.lists brain.memory brain.protocols models.protocols session.turn threads"
    ),
    "observe": "errors events bus config threads",
    # The doors: they show events and pass on what the user does; they know no engine.
    "tui": "events bus session.turn session.controls",
    "headless": "errors events bus",
    "trigger": "errors session.controls",
    "config": "errors config_file",
    "config_file": "errors",
    "config_reference": "config",
    # Where everything is put together.
    "app": ANYTHING,
    "sound": "audio config errors models.registry options",
    "options": "audio.pace audio.protocols brain.skill models.protocols",
    "reporter": "audio.frontend bus errors events",
    "brains": "brain config errors events manner models.protocols models.worker persona",
    "bench": ANYTHING,
    "replay": ANYTHING,
    "commands": ANYTHING,
    "development": "errors",
    "persona": "config",
    "upgrade": "bus config errors events models.worker offline session.turn store threads",
    "doctor": ANYTHING,
    "doctor_llama": "",
    "cli": "commands",
    "__main__": "cli offline",
}

# Modules with one importer, or few: besides these, only the module's own tests may.
IMPORTED_ONLY_BY = {
    # An engine is built through the registry, nowhere else.
    "models.espeak": "models.registry",
    "models.fakes": "models.registry",
    "models.faster_whisper": "models.registry",
    "models.llama_cpp": "models.registry",
    "models.llama_embed": "models.registry",
    "models.piper": "models.registry",
    "models.silero": "models.registry",
    "models.smart_turn": "models.registry",
    "models.microwakeword": "models.registry",
    "models.sphinx": "models.registry",
    "models.registry": "app sound bench commands doctor models.trial_child replay",
    # A session is put together in one place.
    "session.session": "app",
    "audio.capture": "sound bench.run doctor",
    "memory.recorder": "app",
    "app": "bench commands replay",
    "cli": "__main__",
}

# Libraries that are slow to import: where they may be, and there inside a function, so that --help stays quick.
HEAVY_LIBRARIES = {
    "sounddevice": "audio.portaudio",
    "soundfile": "audio.soundfiles recording.track",
    "soxr": "audio.resample",
    "webrtc_noise_gain": "audio.suppressor",
    "onnxruntime": "models.silero models.piper models.smart_turn models.stoppable",
    "ctranslate2": "models.faster_whisper",
    "faster_whisper": "models.faster_whisper models.smart_turn",
    "piper": "models.piper",
    "pymicro_wakeword": "models.microwakeword",
    "pocketsphinx": "models.sphinx",
    "espeakng_loader": "models.espeak",
    "llama_cpp": "models.chat_template models.llama_library models.tool_grammar",
    "hassil": "brain.intents brain.grammar",
    "pint": "brain.skills.units",
    "unicode_rbnf": "brain.number_words",
    "huggingface_hub": "store.hub",
    "textual": "tui",
}
# A screen is made of the library's classes; the whole room is imported when there is a screen to show.
AT_TOP_LEVEL = {"textual"}


@dataclass(frozen=True, slots=True)
class Import:
    """``importer`` and ``name`` without the leading ``assistant.`` where they are ours."""

    importer: str
    name: str
    ours: bool
    at_import: bool  # runs when the importer is imported: not in a function, not for the type checker alone
    line: int

    def __str__(self) -> str:
        return f"{self.importer}:{self.line} imports {self.name}"


def modules() -> dict[str, Path]:
    package = ROOT / PACKAGE
    names = {
        path: ".".join(path.relative_to(package).with_suffix("").parts).removesuffix("__init__").removesuffix(".")
        for path in package.rglob("*.py")
    }
    return {name: path for path, name in sorted(names.items())}


def imports_of(importer: str, tree: ast.AST, known: set[str]) -> Iterator[Import]:
    deferred = {child for node in ast.walk(tree) if _defers(node) for child in ast.walk(node)}
    for node in ast.walk(tree):
        for name in _names(node, known):
            root, _, rest = name.partition(".")
            yield Import(
                importer, rest if root == PACKAGE else name, root == PACKAGE, node not in deferred, node.lineno
            )


def _defers(node: ast.AST) -> bool:
    if isinstance(node, ast.If):
        return "TYPE_CHECKING" in ast.dump(node.test)
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)


def _names(node: ast.AST, known: set[str]) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    if isinstance(node, ast.ImportFrom):
        assert node.level == 0, "relative imports hide what a module depends on"
        for alias in node.names:
            whole = f"{node.module}.{alias.name}"
            is_module = whole.removeprefix(f"{PACKAGE}.") in known
            yield whole if is_module else str(node.module)


MODULES = modules()
IMPORTS = [
    found
    for name, path in MODULES.items()
    for found in imports_of(name, ast.parse(path.read_text(encoding="utf-8")), set(MODULES))
]


def is_within(name: str, rooms: str) -> bool:
    """Whether a module is one of ``rooms``, or inside one."""
    return any(name == room or name.startswith(f"{room}.") for room in rooms.split())


def rule_for(name: str) -> str:
    """The key of MAY_IMPORT that decides about a module."""
    keys = [key for key in MAY_IMPORT if is_within(name, key)]
    assert keys, f"no rule says what {name} may import: add one to MAY_IMPORT"
    return max(keys, key=len)


@pytest.mark.parametrize("importer", [name for name in MODULES if name])
def test_modules_import_only_what_they_may(importer: str) -> None:
    rule = rule_for(importer)
    itself = "" if "." in rule else rule
    wrong = [
        str(found)
        for found in IMPORTS
        if found.importer == importer and found.ours and not is_within(found.name, f"{itself} {MAY_IMPORT[rule]}")
    ]
    assert not wrong or MAY_IMPORT[rule] == ANYTHING


@pytest.mark.parametrize("rule", [rule for rule, rooms in MAY_IMPORT.items() if rooms != ANYTHING])
def test_nothing_may_be_imported_that_nobody_imports(rule: str) -> None:
    imported = [found.name for found in IMPORTS if found.ours and rule_for(found.importer) == rule]
    assert not [room for room in MAY_IMPORT[rule].split() if not any(is_within(name, room) for name in imported)]


@pytest.mark.parametrize("target", IMPORTED_ONLY_BY)
def test_what_is_built_in_one_place_is_imported_only_there(target: str) -> None:
    wrong = [
        str(found)
        for found in IMPORTS
        if found.ours and found.name == target and not is_within(found.importer, IMPORTED_ONLY_BY[target])
    ]
    assert not wrong


@pytest.mark.parametrize("library", HEAVY_LIBRARIES)
def test_heavy_libraries_stay_in_their_adapter(library: str) -> None:
    found = [found for found in IMPORTS if not found.ours and is_within(found.name, library)]
    wrong = [
        str(one)
        for one in found
        if not is_within(one.importer, HEAVY_LIBRARIES[library]) or (one.at_import and library not in AT_TOP_LEVEL)
    ]
    assert not wrong


def test_the_rules_speak_of_modules_that_exist() -> None:
    lists = (*MAY_IMPORT.values(), *IMPORTED_ONLY_BY.values(), *HEAVY_LIBRARIES.values())
    named = {*MAY_IMPORT, *IMPORTED_ONLY_BY} | {name for names in lists for name in names.split()}
    assert named - {ANYTHING} <= set(MODULES)


def test_every_thread_has_a_name() -> None:
    starters = {"Thread", "threading.Thread", "threading.Timer", "ThreadPoolExecutor", "futures.ThreadPoolExecutor"}
    unnamed = [
        f"{module}:{node.lineno}"
        for module, path in MODULES.items()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in starters
        if not {keyword.arg for keyword in node.keywords} & {"name", "thread_name_prefix"}
    ]
    assert not unnamed


def test_help_imports_no_heavy_library() -> None:
    code = (
        "import sys\n"
        "from assistant.__main__ import main\n"
        "try:\n"
        "    main()\n"
        "finally:\n"
        "    print('\\n'.join(sys.modules), file=sys.stderr)"
    )
    ran = subprocess.run([sys.executable, "-c", code, "--help"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "talk" in ran.stdout
    loaded = {name.partition(".")[0] for name in ran.stderr.splitlines()}
    assert PACKAGE in loaded
    assert not loaded & {*HEAVY_LIBRARIES, "numpy", "rich", "pydantic", "sqlite3", "asyncio"}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import assistant.bus", [("bus", True)]),
        ("from assistant.models import registry", [("models.registry", True)]),
        ("from assistant.models.registry import build", [("models.registry", True)]),
        ("def f():\n    import soxr", [("soxr", False)]),
        ("if TYPE_CHECKING:\n    from assistant.config import Settings", [("config", False)]),
        ("class A:\n    import soxr", [("soxr", True)]),
    ],
)
def test_imports_are_found(source: str, expected: list[tuple[str, bool]]) -> None:
    found = imports_of("app", ast.parse(source), {"bus", "config", "models", "models.registry"})
    assert [(one.name, one.at_import) for one in found] == expected
