"""An outcome as lines of text: what changed in the request, which effects follow, and what is recorded."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from datetime import datetime, timedelta
from functools import singledispatch
from types import MappingProxyType
from typing import Any

from approvals.audit import AuditEntry
from approvals.brake import Operator
from approvals.effects import Planned, RefreshCards
from approvals.lifting import Move
from approvals.outcome import Outcome
from approvals.people import Group, Person
from approvals.policy import Workflow
from approvals.request import (
    Request,
)
from approvals.subject import Subject
from tests.approvals.builders import NOW


def lines(before: Request, outcome: Outcome) -> Iterator[str]:
    """Yield what came of it line by line, without the values that are always the same; nothing if nothing happened."""
    usual = {"request_id": before.id, "digest": outcome.request.digest, "because": outcome.refusal}
    if outcome.refusal is not None:
        yield f"refused: {shown(outcome.refusal)}"
    yield from _differences("", before, outcome.request)
    redraw, moved = Planned(RefreshCards(before.id)), outcome.request != before
    others = [one for one in outcome.planned if one != redraw or not moved]
    yield from _consequences(others, outcome.entries, usual)
    if moved and redraw not in outcome.planned:
        yield "the cards are not redrawn"
    if outcome.unless:
        yield f"unless {', '.join(outcome.unless)}"
    for lock in outcome.locks:
        yield f"lock {shown(lock)}"


def lines_of_new(outcome: Outcome) -> Iterator[str]:
    """Yield the lines of an outcome that created a new request."""
    for field in fields(outcome.request):
        yield f"{field.name}: {shown(getattr(outcome.request, field.name))}"
    yield from _consequences(outcome.planned, outcome.entries, {"digest": outcome.request.digest})


def lines_of_move(move: Move) -> Iterator[str]:
    """Yield the lines of a change of a brake."""
    if move.refusal is not None:
        yield f"refused: {shown(move.refusal)}"
    if move.before != move.after:
        yield f"brake: {shown(move.before)} → {shown(move.after)}"
    yield from _consequences(move.planned, move.entries, {})
    if move.news:
        yield f"news: {shown(move.news)}"
    if move.shows:
        yield f"shows: {shown(move.shows)}"


def section(title: str, told: Mapping[str, Callable[[], Iterable[str]]]) -> Iterator[str]:
    """Yield the section of one event. States with the same answer stand together, the most frequent at the end."""
    together: dict[tuple[str, ...], list[str]] = {}
    for name, tell in told.items():
        together.setdefault(tuple(tell()), []).append(name)
    most = max(together, key=lambda answer: len(together[answer]))
    yield f"# {title}"
    for answer, names in together.items():
        if answer != most:
            yield from _answer("; ".join(names), answer)
    yield from _answer("Elsewhere" if len(together) > 1 else "Everywhere", most)
    yield ""


def _answer(where: str, answer: Sequence[str]) -> Iterator[str]:
    yield ""
    yield f"{where}:"
    yield from (f"    {line}" for line in answer or ("nothing",))


_DIGEST = re.compile("[0-9a-f]{64}")


@singledispatch
def shown(value: Any) -> str:
    """Return the value in a few words: a time as its distance from `NOW`, an object without its usual values."""
    return _object(value) if is_dataclass(value) else "nothing" if value is None else str(value)


@shown.register
def _(value: str) -> str:
    return _DIGEST.sub(lambda found: found[0][:6], str(value))


@shown.register
def _(value: datetime) -> str:
    if not (distance := value - NOW):
        return "now"
    return f"+{_length(distance)}" if distance > timedelta() else f"-{_length(-distance)}"


@shown.register
def _(value: Person) -> str:
    return value.account if value.known else f"{value.account}, unknown"


@shown.register
def _(value: Operator | Group) -> str:
    return value.name


@shown.register
def _(value: Workflow) -> str:
    return f"{value.operation} by {value.required}"


@shown.register
def _(value: Subject) -> str:
    return f"{value.action} {value.target} {value.digest()[:6]}"


@shown.register
def _(value: tuple | list) -> str:  # type: ignore[type-arg]
    return f"[{', '.join(map(shown, value))}]"


@shown.register
def _(value: frozenset) -> str:  # type: ignore[type-arg]
    return f"{{{', '.join(sorted(map(shown, value)))}}}"


@shown.register
def _(value: dict) -> str:  # type: ignore[type-arg]
    return f"{{{', '.join(f'{name}: {shown(one)}' for name, one in sorted(value.items()))}}}"


def _object(value: Any, usual: Mapping[str, object] = MappingProxyType({})) -> str:
    parts = " ".join(f"{name}={shown(one)}" for name, one in _given(value, usual))
    return f"{type(value).__name__}({parts})"


def _given(value: Any, usual: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    """Yield the fields whose value is not the usual one, or not the default where no usual one is known."""
    for field in fields(value):
        default = field.default if field.default_factory is MISSING else field.default_factory()
        if (one := getattr(value, field.name)) != usual.get(field.name, default):
            yield field.name, one


def _consequences(
    planned: Sequence[Planned], entries: Sequence[AuditEntry], usual: Mapping[str, object]
) -> Iterator[str]:
    for one in planned:
        yield f"do {_object(one.effect, usual)}" + (f" at {shown(one.due)}" if one.due else "")
    for entry in entries:
        yield f"record {_object(entry, usual).removeprefix('AuditEntry')}"


def _differences(path: str, before: Any, after: Any) -> Iterator[str]:
    if before == after:
        return
    if _has_parts(before) and type(before) is type(after):
        for name, one, other in _parts(before, after):
            yield from _differences(f"{path}.{name}" if path else name, one, other)
    else:
        yield f"{path}: {shown(before)} → {shown(after)}"


def _has_parts(value: Any) -> bool:
    """Return whether the value is compared part by part; people and subjects are compared as a whole."""
    return isinstance(value, tuple) or (is_dataclass(value) and not isinstance(value, Person | Subject))


def _parts(before: Any, after: Any) -> Iterator[tuple[str, Any, Any]]:
    if isinstance(before, tuple):
        for number in range(max(len(before), len(after))):
            one, other = (parts[number] if number < len(parts) else None for parts in (before, after))
            yield str(number), one, other
    else:
        for field in fields(before):
            yield field.name, getattr(before, field.name), getattr(after, field.name)


def _length(span: timedelta) -> str:
    if span > timedelta(days=1000):
        return "ever"
    minutes, seconds = divmod(int(span.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    parts = ((hours, "h"), (minutes, "min"), (seconds, "s"))
    return " ".join(f"{number}{unit}" for number, unit in parts if number) or "0s"
