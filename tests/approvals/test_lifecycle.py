"""The tables of states are complete, final states stay final, and every name has its sentence."""

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
    """An open request can be decided by every event; a decided one never changes."""
    if decision is Decision.OPEN:
        assert decide(decision, event) in set(Decision) - {Decision.OPEN}
    else:
        with pytest.raises(Impossible):
            decide(decision, event)


@pytest.mark.parametrize(("state", "event"), list(product(CarryState, CarryEvent)))
def test_a_carry_ends_once(state: CarryState, event: CarryEvent) -> None:
    """A carry moves only as its table says: after the answer only a change in Intune itself can undo it."""
    if event in CARRIES[state]:
        assert carry(state, event) in set(CarryState) - {CarryState.NONE}
        assert state is not CarryState.DONE or event is CarryEvent.UNDONE
    else:
        with pytest.raises(Impossible):
            carry(state, event)


def test_every_state_has_a_row() -> None:
    """Every state has a row in its table; a new state without a row fails this test."""
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
    """`may` says whether an event is possible in a state; every other event raises `Impossible`."""
    if may(state, event):
        assert move(state, event) in type(state)
    else:
        with pytest.raises(Impossible):
            move(state, event)


@pytest.mark.parametrize("state", FilingState)
def test_an_order_that_was_never_held_ends_with_its_filing(state: FilingState) -> None:
    """An order that Intune never held is closed exactly in the final states of its table."""
    assert request(intune_id=None, filing=Filing(ORDER, NOW, state)).is_closed == is_final(state)


def test_every_dangerous_disagreement_has_its_alarm() -> None:
    """Every dangerous disagreement has an alarm, and no other one has."""
    assert set(ALARMS) == {name for name in Disagreement if name.dangerous}


@pytest.mark.parametrize("name", Disagreement)
def test_every_disagreement_has_a_sentence(name: Disagreement) -> None:
    """Every disagreement has a sentence that can be shown."""
    assert sentence_of(name).endswith(".")
