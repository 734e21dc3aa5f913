"""How a request in Intune is recognised as one of our orders."""

from datetime import timedelta

import pytest

from approvals.ids import id_made
from approvals.recognising import filed_for, first_asked_at, may_be_held
from tests.approvals.builders import NOW, request
from tests.approvals.every.states import states

ID = id_made(NOW - timedelta(hours=1), 7)
MARKED = f"Countersign {ID}-ABCD1234, asked by Rita: Stolen"


def proves(request_id: str, proof: str) -> bool:
    """Return whether this installation made this proof."""
    return (request_id, proof) == (ID, "ABCD1234")


def test_a_marker_names_the_order() -> None:
    """A marker at the start of the reason names our order, if its proof is right and an application filed it."""
    assert filed_for(MARKED, by_person=False, proves=proves) == ID
    assert filed_for(MARKED, by_person=False, proves=lambda *_: False) == ""
    assert filed_for("Stolen", by_person=False, proves=lambda *_: True) == ""
    assert filed_for(f"So {MARKED}", by_person=False, proves=proves) == ""


def test_a_person_files_nothing_of_ours() -> None:
    """A request that a person filed is not ours, because the person may have copied the reason."""
    assert filed_for(MARKED, by_person=True, proves=proves) == ""


@pytest.mark.parametrize(
    ("state", "may"),
    [
        ("order, approved", True),
        ("order, filed now", True),
        ("order, unanswered", True),
        ("order, blocked", True),
        ("order, called off", False),
        ("order, held", False),
        ("order, ran unheld", False),
        ("open", False),
    ],
)
def test_what_may_be_held(state: str, *, may: bool) -> None:
    """Intune may hold an order for us only if it was filed or could have been, and is not held elsewhere."""
    assert may_be_held(states()[state], "d1") is may


def test_it_is_the_same_target() -> None:
    """The target has to be the same, in any case; where Intune does not name it, any target matches."""
    order = states()["order, filed now"]
    assert may_be_held(order, "D1")
    assert may_be_held(order, "")
    assert not may_be_held(order, "d2")


def test_who_asked_first() -> None:
    """The time in the id counts as the time of asking, unless the request was opened earlier than that."""
    assert first_asked_at(request(id=ID)) == NOW - timedelta(hours=1)
    assert first_asked_at(request(id=ID, opened_at=NOW - timedelta(hours=2))) == NOW - timedelta(hours=2)
    assert first_asked_at(request(id="R1")) == NOW
