"""The tables are complete, final where they must be, and every name has its sentence."""

from itertools import product

import pytest

from approvals.disagreement import Disagreement
from approvals.lifecycle import CARRIES, DECISIONS, CarryHappening, Happening, Impossible, carry, decide
from approvals.request import CarryState, Decision


@pytest.mark.parametrize(("decision", "happening"), list(product(Decision, Happening)))
def test_only_an_open_request_is_decided(decision: Decision, happening: Happening) -> None:
    """Every pair has a row or raises; what is decided never moves again."""
    if decision is Decision.OPEN:
        assert decide(decision, happening) is not Decision.OPEN
    else:
        with pytest.raises(Impossible):
            decide(decision, happening)


@pytest.mark.parametrize(("state", "happening"), list(product(CarryState, CarryHappening)))
def test_a_carry_ends_once(state: CarryState, happening: CarryHappening) -> None:
    """A call comes only after a decision, and nothing but Intune's own change of mind follows an answer."""
    if happening in CARRIES[state]:
        assert carry(state, happening) is not CarryState.NONE
        assert state is not CarryState.DONE or happening is CarryHappening.UNDONE
    else:
        with pytest.raises(Impossible):
            carry(state, happening)


def test_every_state_has_a_row() -> None:
    """Adding a state without saying what follows it fails here."""
    assert set(DECISIONS) == set(Decision)
    assert set(CARRIES) == set(CarryState)


@pytest.mark.parametrize("name", Disagreement)
def test_every_disagreement_has_a_sentence(name: Disagreement) -> None:
    """Fit to show."""
    assert name.sentence.endswith(".")
