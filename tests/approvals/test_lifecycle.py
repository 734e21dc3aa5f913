"""The tables are complete, final where they must be, and every name has its sentence."""

from itertools import product
from typing import Any

import pytest

from approvals.change import ALARMS
from approvals.disagreement import Disagreement
from approvals.lifecycle import (
    CARRIES,
    DECISIONS,
    EXECUTIONS,
    FILINGS,
    CarryEvent,
    DecisionEvent,
    ExecutionEvent,
    FilingEvent,
    Impossible,
    carry,
    decide,
    execute,
    file,
    is_final,
    may,
)
from approvals.order import Act, Filing, FilingState, Order
from approvals.request import CarryState, Decision, Execution
from cards.disagreements import sentence_of
from tests.approvals.builders import NOW, request

ORDER = Order(Act.WIPE, "d1")


@pytest.mark.parametrize(("decision", "event"), list(product(Decision, DecisionEvent)))
def test_only_an_open_request_is_decided(decision: Decision, event: DecisionEvent) -> None:
    """Every pair has a row or raises; what is decided never moves again."""
    if decision is Decision.OPEN:
        assert decide(decision, event) in set(Decision) - {Decision.OPEN}
    else:
        with pytest.raises(Impossible):
            decide(decision, event)


@pytest.mark.parametrize(("state", "event"), list(product(CarryState, CarryEvent)))
def test_a_carry_ends_once(state: CarryState, event: CarryEvent) -> None:
    """A call comes only after a decision, and nothing but Intune's own change of mind follows an answer."""
    if event in CARRIES[state]:
        assert carry(state, event) in set(CarryState) - {CarryState.NONE}
        assert state is not CarryState.DONE or event is CarryEvent.UNDONE
    else:
        with pytest.raises(Impossible):
            carry(state, event)


def test_every_state_has_a_row() -> None:
    """Adding a state without saying what follows it fails here."""
    assert set(DECISIONS) == set(Decision)
    assert set(CARRIES) == set(CarryState)
    assert set(FILINGS) == set(FilingState)
    assert set(EXECUTIONS) == set(Execution)


@pytest.mark.parametrize(
    ("move", "state", "event"),
    [
        *((decide, *pair) for pair in product(Decision, DecisionEvent)),
        *((carry, *pair) for pair in product(CarryState, CarryEvent)),
        *((file, *pair) for pair in product(FilingState, FilingEvent)),
        *((execute, *pair) for pair in product(Execution, ExecutionEvent)),
    ],
)
def test_whoever_asks_first_is_never_surprised(move: Any, state: Any, event: Any) -> None:
    """What may happen has a next state; everything else is `Impossible`, also for the operation itself."""
    if may(state, event):
        assert move(state, event) in type(state)
    else:
        with pytest.raises(Impossible):
            move(state, event)


@pytest.mark.parametrize("state", FilingState)
def test_an_order_that_was_never_held_ends_with_its_filing(state: FilingState) -> None:
    """Nothing more can happen to it exactly where its table ends, for Intune does not know of it."""
    assert request(intune_id=None, filing=Filing(ORDER, NOW, state)).is_closed == is_final(state)


def test_every_dangerous_disagreement_has_its_alarm() -> None:
    """And no other."""
    assert set(ALARMS) == {name for name in Disagreement if name.dangerous}


@pytest.mark.parametrize("name", Disagreement)
def test_every_disagreement_has_a_sentence(name: Disagreement) -> None:
    """Fit to show."""
    assert sentence_of(name).endswith(".")
