"""Networks in onnxruntime that can be stopped in mid-run, on threads that sleep while they wait."""

from typing import Any

from assistant.session.turn import CancelToken

FATAL_ONLY = 4  # onnxruntime's log severity: a stopped run is no news for stderr


class StoppableSession:
    """The ``run`` of an InferenceSession, stopped in mid-run when ``token`` is cancelled."""

    def __init__(self, session: Any) -> None:
        self._session = session
        self.token = CancelToken()

    def run(self, outputs: list[str] | None, inputs: dict[str, Any]) -> list[Any]:
        """Run the network once. Raises Cancelled."""
        from onnxruntime import RunOptions

        token = self.token
        options = RunOptions()
        options.log_severity_level = FATAL_ONLY
        forget = token.on_cancel(lambda: setattr(options, "terminate", True))
        try:
            result: list[Any] = self._session.run(outputs, inputs, options)
        except Exception:  # a terminated run is a plain Fail, told from a real one by the token
            token.raise_if_cancelled()
            raise
        finally:
            forget()
        return result


def session_options(threads: int) -> Any:
    """Options for a session that shares the machine: its threads sleep instead of spinning while they wait."""
    from onnxruntime import SessionOptions

    options = SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = FATAL_ONLY
    return options
