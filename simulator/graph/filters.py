"""The part of OData's $filter that callers use: comparisons, contains, startswith, endswith, and, or, not."""

import operator
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from simulator.graph.errors import bad_request
from simulator.graph.times import parsed

Test = Callable[[Mapping[str, Any]], bool]

_TOKEN = re.compile(r"\s*('(?:[^']|'')*'|\d{4}-\d\d-\d\dT[\w:.+-]+|[\w/.-]+|[(),])")
_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "ge": operator.ge,
    "gt": operator.gt,
    "le": operator.le,
    "lt": operator.lt,
}
_FUNCTIONS: dict[str, Callable[[str, str], bool]] = {
    "contains": operator.contains,
    "startswith": str.startswith,
    "endswith": str.endswith,
}
_CONSTANTS = {"true": True, "false": False, "null": None}


def compiled(text: str, properties: frozenset[str], *, empty_matches_all: bool = False) -> Test:
    """Return a test for rows; raises `GraphError` 400 for anything that it cannot parse.

    `empty_matches_all`: as in Intune's device list, `deviceName eq ''` matches every row.
    """
    return _Parser(_tokens(text), properties, empty_matches_all).whole()


def _tokens(text: str) -> list[str]:
    tokens, position = [], 0
    text = text.rstrip()
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise _invalid(text[position:])
        tokens.append(match[1])
        position = match.end()
    return tokens


def _invalid(where: str) -> Exception:
    return bad_request(f"Invalid filter clause: syntax error at '{where}'.")


class _Parser:
    def __init__(self, tokens: list[str], properties: frozenset[str], empty_matches_all: bool) -> None:
        self._tokens = tokens[::-1]
        self._properties = properties
        self._empty_matches_all = empty_matches_all

    def whole(self) -> Test:
        test = self._either()
        if self._tokens:
            raise _invalid(self._tokens[-1])
        return test

    def _next(self) -> str:
        if not self._tokens:
            raise _invalid("the end")
        return self._tokens.pop()

    def _expect(self, token: str) -> None:
        found = self._next()
        if found != token:
            raise _invalid(found)

    def _follows(self, word: str) -> bool:
        if self._tokens and self._tokens[-1].lower() == word:
            self._tokens.pop()
            return True
        return False

    def _either(self) -> Test:
        tests = [self._both()]
        while self._follows("or"):
            tests.append(self._both())
        return lambda row: any(test(row) for test in tests)

    def _both(self) -> Test:
        tests = [self._one()]
        while self._follows("and"):
            tests.append(self._one())
        return lambda row: all(test(row) for test in tests)

    def _one(self) -> Test:
        if self._follows("not"):
            test = self._one()
            return lambda row: not test(row)
        if self._follows("("):
            inside = self._either()
            self._expect(")")
            return inside
        word = self._next()
        return self._function(word.lower()) if word.lower() in _FUNCTIONS else self._comparison(word)

    def _function(self, name: str) -> Test:
        holds = _FUNCTIONS[name]
        self._expect("(")
        prop = self._property(self._next())
        self._expect(",")
        wanted = _literal(self._next())
        self._expect(")")
        return lambda row: holds(_comparable(row.get(prop)) or "", wanted)

    def _comparison(self, word: str) -> Test:
        prop = self._property(word)
        name = self._next().lower()
        if name not in _OPERATORS:
            raise _invalid(name)
        holds, wanted = _OPERATORS[name], _literal(self._next())
        if self._empty_matches_all and name == "eq" and wanted == "":
            return lambda _row: True
        return lambda row: _compare(holds, row.get(prop), wanted)

    def _property(self, name: str) -> str:
        if name not in self._properties:
            raise bad_request(f"Invalid filter clause: Could not find a property named '{name}'.")
        return name


def _compare(holds: Callable[[Any, Any], bool], value: Any, wanted: Any) -> bool:
    try:
        if isinstance(wanted, datetime) and isinstance(value, str):
            return holds(parsed(value), wanted)
        return holds(_comparable(value), wanted)
    except (TypeError, ValueError):
        return False


def _comparable(value: Any) -> Any:
    """Return the value for comparison: Graph ignores the case of strings."""
    return value.casefold() if isinstance(value, str) else value


def _literal(token: str) -> Any:
    if token.startswith("'"):
        return token[1:-1].replace("''", "'").casefold()
    if token.lower() in _CONSTANTS:
        return _CONSTANTS[token.lower()]
    for read in (int, float, parsed):
        try:
            return read(token)
        except ValueError:
            continue
    raise _invalid(token)
