"""Stored values as JSON. Each carries its schema number; a value with a newer one is refused."""

from typing import Any, Generic, TypeVar, get_args

from pydantic import TypeAdapter
from pydantic_core import from_json

from approvals.effects import Effect
from handlers.ports.errors import Unavailable

SCHEMA = 7
"""Raise it when another version could misunderstand what is stored. A store with another number is refused."""

T = TypeVar("T")


class Newer(Unavailable):
    """A newer version of this program wrote this value. It is neither shown nor changed."""


class Codec(Generic[T]):
    """Converts one type to text and back."""

    def __init__(self, kind: type[T]) -> None:
        self._adapter = TypeAdapter(kind)

    def write(self, value: T) -> str:
        """Return the value as text."""
        return _sealed(self._adapter.dump_json(value))

    def read(self, text: str) -> T:
        """Return the value from its text. Raises `Newer` if this program is too old for it."""
        return self._adapter.validate_python(_opened(text))


_EFFECTS: dict[str, TypeAdapter[Any]] = {kind.__name__: TypeAdapter(kind) for kind in get_args(Effect)}


def write_effect(effect: Effect) -> str:
    """Return an effect as text, with the name of its class: several classes have the same fields."""
    name = type(effect).__name__
    return _sealed(b'{"%s":%s}' % (name.encode(), _EFFECTS[name].dump_json(effect)))


def read_effect(text: str) -> Effect:
    """Return the effect from its text. Raises `Newer` for an effect that this program does not know."""
    ((name, fields),) = _opened(text).items()
    if name not in _EFFECTS:
        raise Newer(f"the effect {name} is not known to this version")
    effect: Effect = _EFFECTS[name].validate_python(fields)
    return effect


def _sealed(value: bytes) -> str:
    return f'{{"schema":{SCHEMA},"value":{value.decode()}}}'


def _opened(text: str) -> Any:
    stored = from_json(text)
    if stored["schema"] > SCHEMA:
        raise Newer(f"written by a newer version: schema {stored['schema']}, known up to {SCHEMA}")
    return stored["value"]
