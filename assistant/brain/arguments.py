"""What a skill's signature says of its arguments: their schema for a language model, and a check before each call."""

import inspect
import weakref
from collections.abc import Callable, Mapping
from fractions import Fraction
from inspect import Parameter, cleandoc
from typing import Any, get_type_hints

from assistant.models.protocols import Tool

GIVEN = ("context", "token")
"""Parameters that are filled by the program, not by who calls."""

_known: weakref.WeakKeyDictionary[Callable[..., Any], "Signature"] = weakref.WeakKeyDictionary()


class BadArguments(ValueError):
    """What is wrong with the arguments of a call, in words that a language model can act on."""


class Signature:
    """The parameters of one function. Made at its first use, as pydantic takes some milliseconds to."""

    def __init__(self, function: Callable[..., Any]) -> None:
        from pydantic import ConfigDict, create_model

        self._function = function
        parameters = inspect.signature(function).parameters
        hints = get_type_hints(function, include_extras=True)
        self._given = [name for name in GIVEN if name in parameters]
        fields: dict[str, Any] = {
            name: (hints.get(name, Any), ... if each.default is Parameter.empty else each.default)
            for name, each in parameters.items()
            if name not in self._given and each.kind not in {Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD}
        }
        open_ended = any(each.kind is Parameter.VAR_KEYWORD for each in parameters.values())
        config = ConfigDict(arbitrary_types_allowed=True, extra="allow" if open_ended else "forbid", strict=False)
        self._model = create_model(function.__name__, __config__=config, **fields)

    @classmethod
    def of(cls, function: Callable[..., Any]) -> "Signature":
        if function not in _known:
            _known[function] = cls(function)
        return _known[function]

    @property
    def definition(self) -> Tool:
        """Name, description and JSON schema. Raises ValueError for a function without a docstring."""
        if not self._function.__doc__:
            raise ValueError(f"{self._function.__name__} has no docstring, so that no model could know what it is for")
        schema = self._model.model_json_schema(mode="validation")
        parameters: dict[str, Any] = {
            "type": "object",
            "properties": {name: _plain(each) for name, each in schema.get("properties", {}).items()},
            "required": schema.get("required", []),
        }
        if "$defs" in schema:
            parameters["$defs"] = schema["$defs"]
        return Tool(self._function.__name__, cleandoc(self._function.__doc__), parameters)

    def bind(self, arguments: Mapping[str, Any], given: Mapping[str, Any]) -> Callable[[], Any]:
        """The call with its arguments checked and converted, and with those of ``given`` that it asks for.

        Raises BadArguments.
        """
        from pydantic import ValidationError

        try:
            checked = self._model.model_validate(dict(arguments))
        except ValidationError as error:
            raise BadArguments(
                "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
            ) from error
        values = {name: getattr(checked, name) for name in checked.model_fields_set}
        values |= {name: given[name] for name in self._given}
        return lambda: self._function(**values)


def _plain(schema: dict[str, Any]) -> dict[str, Any]:
    """Without titles, which repeat the names, and with a number for a fraction: every token of a prompt costs time."""
    plain = {key: value for key, value in schema.items() if key != "title"}
    if plain.get("anyOf") == _FRACTION:
        del plain["anyOf"]
        plain["type"] = "number"
        if "default" in plain:
            plain["default"] = float(Fraction(plain["default"]))
    return plain


_FRACTION = [{"type": "number"}, {"type": "string", "format": "fraction"}]
