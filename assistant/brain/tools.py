"""The tools that a language model may call: typed, docstringed Python functions.

    def get_weather(city: str) -> str:
        \"\"\"Tell the weather in a city.\"\"\"

The signature becomes the JSON schema of the arguments, the docstring the description, and what the function returns is
told to the model, text as it is and data as JSON.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from inspect import cleandoc
from typing import Any

from assistant.models.protocols import Tool, ToolCall

ToolFunction = Callable[..., Any]


class Toolbox:
    """Tools by name. Not thread-safe beyond what the functions are."""

    def __init__(self, functions: Iterable[ToolFunction] = ()) -> None:
        """Raises ValueError for two functions of one name, or one without a docstring."""
        self._functions: dict[str, ToolFunction] = {}
        for function in functions:
            if function.__name__ in self._functions:
                raise ValueError(f"two tools are called {function.__name__}")
            self._functions[function.__name__] = function
        self.definitions: Sequence[Tool] = [_definition(function) for function in self._functions.values()]

    def run(self, call: ToolCall) -> str:
        """What the model is told. Never raises: a failure is a result that the model can talk about."""
        from pydantic import ValidationError, validate_call

        function = self._functions.get(call.name)
        if function is None:
            return _error(f"there is no tool {call.name!r}; there are {', '.join(self._functions)}")
        try:
            result = validate_call(function)(**call.arguments)
        except ValidationError as error:
            return _error("; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()))
        except Exception as error:  # a tool is somebody's code, and the turn must go on whatever happens in it
            return _error(f"{type(error).__name__}: {error}")
        return result if isinstance(result, str) else json.dumps(result, ensure_ascii=False, default=str)


def _definition(function: ToolFunction) -> Tool:
    from pydantic import TypeAdapter

    if not function.__doc__:
        raise ValueError(f"the tool {function.__name__} has no docstring, so that no model could know what it is for")
    signature: Any = function  # pydantic takes functions as types; its annotations do not say so
    schema = TypeAdapter[Any](signature).json_schema()
    properties = {name: _untitled(each) for name, each in schema.get("properties", {}).items()}
    parameters = {"type": "object", "properties": properties, "required": schema.get("required", [])}
    if "$defs" in schema:
        parameters["$defs"] = schema["$defs"]
    return Tool(function.__name__, cleandoc(function.__doc__), parameters)


def _untitled(schema: dict[str, Any]) -> dict[str, Any]:
    """Titles repeat the names, and every token of a prompt costs time."""
    return {key: value for key, value in schema.items() if key != "title"}


def _error(message: str) -> str:
    return json.dumps({"error": message}, ensure_ascii=False)
