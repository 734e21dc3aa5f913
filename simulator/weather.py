"""Weather: random faults between the product and Microsoft, the same for the same seed. Calls are refused, lose their
answer, or are late.

The fault of a call depends on the seed, on what is called, and on how often that was called before. It does not depend
on other calls, so a repeated story has the same faults even if its calls come in another order.
"""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import TypeVar

from simulator.clock import Clock
from simulator.entra.faults import Trouble
from simulator.graph import faults as graph
from simulator.graph.call import Call
from simulator.teams import faults as teams

ODD_WAITS: tuple[int | str, ...] = (0, -1, 1, "2.5", "soon", "", 45, "Mon, 01 Jan 2001 00:00:00 GMT")
"""Values of Retry-After. RFC 9110 allows seconds and dates; services also send 0 (TriliumNext/Trilium#10600)."""

LONGEST = 150.0
"""Longest duration of a fault, in seconds: real absences are short (msteams-docs#6139, graph-docs#11430)."""

FOUND_FOR = timedelta(minutes=20)
"""Shortest time between two absences of one object; otherwise it could not be told from a deleted one."""

LATEST = 20.0
"""Longest delay of a call, in seconds."""

LEFT_OUT = {
    graph.Kind.SLOW: "waits for an event; here time passes by itself",
    graph.Kind.HELD: "waits for an event; here time passes by itself",
    teams.Kind.HELD: "waits for an event; here time passes by itself",
}
"""Kinds of fault that are not used here, each with its reason."""

OF_READS = (
    graph.Kind.THROTTLED,
    graph.Kind.THROTTLED_SILENTLY,
    graph.Kind.UNAVAILABLE,
    graph.Kind.MISSING,
    graph.Kind.HIDDEN,
    graph.Kind.UNAUTHORIZED,
    graph.Kind.CHALLENGED,
    graph.Kind.LOST_REQUEST,
    graph.Kind.LOST_ANSWER,
)
OF_WRITES = (
    graph.Kind.THROTTLED,
    graph.Kind.THROTTLED_SILENTLY,
    graph.Kind.UNAVAILABLE,
    graph.Kind.UNAUTHORIZED,
    graph.Kind.CHALLENGED,
    graph.Kind.LOST_REQUEST,
    graph.Kind.TIMEOUT_AFTER,
    graph.Kind.LOST_ANSWER,
    graph.Kind.DELIVERED_TWICE,
)
_STRIKES_ONCE = frozenset(
    {graph.Kind.TIMEOUT_AFTER, graph.Kind.LOST_ANSWER, graph.Kind.DELIVERED_TWICE, graph.Kind.LOST_REQUEST}
)

_REFUSALS = (
    (429, "Throttled"),
    (502, "Fault"),
    (503, "ServiceUnavailable"),
    (412, "PreconditionFailed"),
    (401, "Unauthorized"),
    (403, "BadArgument"),  # agents-toolkit#10059
    (403, "ServiceError"),  # msteams-docs#9561, BotFramework-Services#269
)
_ABSENCE = (404, "ActivityNotFoundInConversation")  # msteams-docs#6139, botbuilder-js#2722

_OWN_IDS = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9]{5,}", re.IGNORECASE)

_HARDER = {"teams": 3}
"""Factor for the share of faults, by service. Teams has few calls, and their messages matter most."""

T = TypeVar("T")


@dataclass(frozen=True)
class Met:
    """A call and the kind of its fault."""

    service: str
    method: str
    path: str
    kind: str


@dataclass
class Weather:
    """Gives a `share` of the calls to each service a new fault, and delays as many. Refusals last for a while.

    Off until it is `on`. `met` is what calls have met so far, oldest first.
    Time passes on the tenant's `clock`.
    """

    seed: int
    clock: Clock
    share: float = 0.03
    on: bool = False
    met: list[Met] = field(default_factory=list)
    _numbers: Counter[str] = field(default_factory=Counter)
    _seen_until: dict[str, datetime] = field(default_factory=dict)
    _graph: dict[str, tuple[graph.Fault, datetime]] = field(default_factory=dict)
    _teams: dict[str, tuple[teams.Fault, datetime]] = field(default_factory=dict)
    _entra: dict[str, tuple[Trouble, datetime]] = field(default_factory=dict)

    def over_graph(self, call: Call) -> graph.Fault | None:
        """Return what this call to Graph meets, if anything."""
        about, dice = self._thrown("graph", call.method, call.path)
        fault = self._lasting(self._graph, about, dice, lambda: _graph_fault(call, dice))
        if fault and fault.kind in _STRIKES_ONCE:
            self._graph.pop(about, None)
        return self._noted("graph", call.method, call.path, fault, fault.kind if fault else "")

    def over_teams(self, method: str, path: str) -> teams.Fault | None:
        """Return the fault of this call to the connector, if any."""
        about, dice = self._thrown("teams", method, path)
        fault = self._lasting(self._teams, about, dice, lambda: _teams_fault(method, dice))
        if fault and fault.kind is not teams.Kind.STATUS:
            self._teams.pop(about, None)
        return self._noted("teams", method, path, fault, fault.kind if fault else "")

    def over_entra(self, method: str, path: str) -> Trouble | None:
        """Return the fault of this call to Entra, if any."""
        about, dice = self._thrown("entra", method, path)
        trouble = self._lasting(self._entra, about, dice, lambda: dice.choice(list(Trouble)))
        return self._noted("entra", method, path, trouble, trouble or "")

    def _thrown(self, service: str, method: str, path: str) -> tuple[str, Random]:
        """Return what is called, without its ids, and the random generator for this call."""
        about = f"{service} {method} {_OWN_IDS.sub('*', path)}"
        self._numbers[about] += 1
        return about, Random(f"{self.seed} {about} {self._numbers[about]}")

    def _lasting(
        self, spells: dict[str, tuple[T, datetime]], about: str, dice: Random, begin: Callable[[], T]
    ) -> T | None:
        """Return the current or a new fault for such calls, if any; may delay the call first."""
        if not self.on:
            return None
        if dice.random() < self.share:
            self.clock.advance(timedelta(milliseconds=int(dice.uniform(0, LATEST) * 1000)))
        trouble, until = spells.get(about, (None, self.clock.now()))
        if trouble is not None and self.clock.now() < until:
            return trouble
        spells.pop(about, None)
        if dice.random() >= self.share * _HARDER.get(about.partition(" ")[0], 1):
            return None
        begun = begin()
        until = self.clock.now() + timedelta(seconds=dice.uniform(0, LONGEST))
        if _hides(begun):
            if self.clock.now() < self._seen_until.get(about, self.clock.now()):
                return None
            self._seen_until[about] = until + FOUND_FOR
        spells[about] = begun, until
        return begun

    def _noted(self, service: str, method: str, path: str, trouble: T | None, kind: str) -> T | None:
        if trouble is not None:
            self.met.append(Met(service, method, path, kind))
        return trouble


def _hides(trouble: object) -> bool:
    """Return whether the fault hides something that exists."""
    if isinstance(trouble, graph.Fault):
        return trouble.kind in (graph.Kind.MISSING, graph.Kind.HIDDEN)
    return isinstance(trouble, teams.Fault) and trouble.kind is teams.Kind.STATUS and trouble.status == 404


def _graph_fault(call: Call, dice: Random) -> graph.Fault:
    kind = dice.choice(OF_READS if call.method == "GET" else OF_WRITES)
    return graph.Fault(kind, retry_after=dice.choice(ODD_WAITS))


def _teams_fault(method: str, dice: Random) -> teams.Fault:
    done = [teams.Kind.LOST_ANSWER, teams.Kind.STATUS_AFTER, *([teams.Kind.UNNAMED] if method == "POST" else [])]
    kind = dice.choice([teams.Kind.STATUS, teams.Kind.STATUS, teams.Kind.LOST_REQUEST, *done])
    status, code = dice.choice((*_REFUSALS, *([_ABSENCE] * 2 if method == "PUT" else [])))
    if kind is teams.Kind.STATUS_AFTER:
        status, code = dice.choice((502, 503, 504)), "Fault"
    waits = dice.choice((None, *ODD_WAITS)) if status == 429 else None
    return teams.Fault(kind, status, code=code, retry_after=waits)
