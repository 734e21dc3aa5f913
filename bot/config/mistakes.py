"""Mistakes in a file or a setting, in sentences for the person who wrote it."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError

_PLAIN = {
    "extra_forbidden": "this key is unknown; check its spelling",
    "missing": "this is missing",
    "string_too_short": "this must not be empty",
    "too_short": "this must not be empty; add at least one entry",
    "string_type": "this must be a string",
    "bool_type": "this must be true or false",
    "int_type": "this must be a whole number",
    "int_parsing": "this must be a whole number",
    "tuple_type": "this must be a list",
    "dict_type": "this must be an object",
    "model_type": "this must be an object",
    "enum": "this must be {expected}",
    "literal_error": "this must be {expected}",
    "greater_than": "this must be more than {gt}",
    "greater_than_equal": "this must be at least {ge}",
    "less_than_equal": "this must be at most {le}",
    "string_too_long": "this must not be longer than {max_length} characters",
    "string_pattern_mismatch": "this has the wrong format; check for a typing error",
    "time_delta_type": 'this must be an ISO 8601 duration such as "PT24H" or "P30D"',
    "time_delta_parsing": 'this must be an ISO 8601 duration such as "PT24H" or "P30D"',
}


def mistakes_in(error: ValidationError) -> tuple[Mapping[str, Any], ...]:
    """Return every mistake, in the order of the text. A list with wrong items is not reported as empty too."""
    found = error.errors(include_url=False)
    return tuple(mistake for mistake in found if not (mistake["type"] == "too_short" and mistake["input"]))


def said_of(mistake: Mapping[str, Any]) -> str:
    """Return what is wrong, in plain words and without the path."""
    if plain := _PLAIN.get(mistake["type"]):
        return plain.format_map(mistake.get("ctx") or {}).replace("'", '"')
    return str(mistake["msg"]).removeprefix("Value error, ")


def path_of(steps: Iterable[int | str]) -> str:
    """Return a path in a JSON document as a programmer would write it: `approvalWorkflows[0].operation`."""
    return "".join(_step(step) for step in steps if step != _ABOUT_THE_KEY).removeprefix(".")


_ABOUT_THE_KEY = "[key]"  # pydantic's last step if an object's key is wrong, not its value


def _step(step: int | str) -> str:
    if isinstance(step, str) and step.removeprefix("$").isidentifier():
        return f".{step}"
    return f"[{json.dumps(step, ensure_ascii=False)}]"


def not_json(text: str) -> list[str]:
    """Return why the text is not JSON, or its repeated keys, of which a reader would silently take the last one."""
    repeated: list[str] = []

    def noted(pairs: list[tuple[str, Any]]) -> None:
        keys = [key for key, _ in pairs]
        repeated.extend(key for key in dict.fromkeys(keys) if keys.count(key) > 1)

    try:
        json.loads(text, object_pairs_hook=noted)
    except json.JSONDecodeError as error:
        return [f"line {error.lineno}, column {error.colno}: this is not valid JSON: {error.msg}"]
    except RecursionError:
        return ["this JSON is nested too deeply"]
    except ValueError as error:  # a number with more digits than Python converts
        return [f"this is not valid JSON: {error}"]
    return [f'the key "{key}" appears more than once in the same object; keep one' for key in repeated]


def all_different(names: Iterable[str]) -> tuple[str, ...]:
    """Return the names. Raises `ValueError` for a repeated one. Case is ignored, as in the directory."""
    listed = tuple(names)
    folded = [name.casefold() for name in listed]
    if repeated := {listed[folded.index(name)] for name in folded if folded.count(name) > 1}:
        raise ValueError(f"this contains {quoted(repeated)} more than once; keep one")
    return listed


def quoted(names: Iterable[str]) -> str:
    """Return the names in quotes, sorted."""
    return ", ".join(f'"{name}"' for name in sorted(names))
