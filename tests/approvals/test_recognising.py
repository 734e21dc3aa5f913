"""What Intune holds, and which of our orders it is."""

from datetime import timedelta

import pytest

from approvals.ids import id_made
from approvals.recognising import filed_for, first_asked_at, may_be_held
from tests.approvals.builders import NOW, request
from tests.approvals.every.states import states

ID = id_made(NOW - timedelta(hours=1), 7)
MARKED = f"Countersign {ID}-ABCD1234, asked by Rita: Stolen"


def proves(request_id: str, proof: str) -> bool:
    """Whether this proof was made by this installation."""
    return (request_id, proof) == (ID, "ABCD1234")


def test_a_marker_names_the_order() -> None:
    """Where its proof is right, and an application filed it."""
    assert filed_for(MARKED, by_person=False, proves=proves) == ID
    assert filed_for(MARKED, by_person=False, proves=lambda *_: False) == ""
    assert filed_for("Stolen", by_person=False, proves=lambda *_: True) == ""
    assert filed_for(f"So {MARKED}", by_person=False, proves=proves) == ""


def test_a_person_files_nothing_of_ours() -> None:
    """They may have copied the reason."""
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
    """An order that Intune could have taken, and that is held nowhere else."""
    assert may_be_held(states()[state], "d1") is may


def test_it_is_the_same_target() -> None:
    """In whatever case it is written; where Intune does not say which, any."""
    order = states()["order, filed now"]
    assert may_be_held(order, "D1")
    assert may_be_held(order, "")
    assert not may_be_held(order, "d2")


def test_who_asked_first() -> None:
    """The id tells, where the request was opened anew after it."""
    assert first_asked_at(request(id=ID)) == NOW - timedelta(hours=1)
    assert first_asked_at(request(id=ID, opened_at=NOW - timedelta(hours=2))) == NOW - timedelta(hours=2)
    assert first_asked_at(request(id="R1")) == NOW
