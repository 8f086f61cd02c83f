"""Nothing asks the network while the assistant talks: the libraries' own switches, set before they are imported.

No engine is given a name that its library could look up, only paths; these switches make a mistake in that an error
instead of a request. Each is from the documentation of its library. What the user has set in the environment stays.
"""

import os
import sys

SWITCHES = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_DATASETS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "DO_NOT_TRACK": "1",
    # Since 1.29 onnxruntime tells its maker of every start and model; read when it is imported, so set before that
    # (https://github.com/microsoft/onnxruntime/pull/27379).
    "ORT_DISABLE_TELEMETRY": "1",
    # Not about the network: its threads would compete with the engine's.
    "TOKENIZERS_PARALLELISM": "false",
}
FORBIDDING = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_DATASETS_OFFLINE")

_ours: set[str] = set()


def enforce() -> None:
    """Switch the libraries off the network, for this process and its children. Idempotent; takes microseconds."""
    for name, value in SWITCHES.items():
        if name not in os.environ:
            os.environ[name] = value
            _ours.add(name)
    _tell_hub(_asked())


def lift() -> None:
    """Let the hub be asked again, since the user asks for a download; their own environment may still forbid it."""
    for name in FORBIDDING:
        if name in _ours:
            _ours.discard(name)
            os.environ.pop(name, None)
    _tell_hub(_asked())


def _asked() -> bool:
    value = os.environ.get("HF_HUB_OFFLINE") or os.environ.get("TRANSFORMERS_OFFLINE") or ""
    return value.upper() in {"1", "ON", "YES", "TRUE"}  # as huggingface_hub.constants reads it


def _tell_hub(forbidden: bool) -> None:
    """huggingface_hub reads its switch when it is imported, and looks at this constant before every request."""
    if (constants := sys.modules.get("huggingface_hub.constants")) is not None:
        constants.HF_HUB_OFFLINE = forbidden  # type: ignore[attr-defined]
