"""Only one request for a target at a time."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvals.causes import BrokeGlass
from approvals.emergency import Review
from approvals.occupied import occupying
from approvals.request import IntuneStatus, Request
from tests.approvals.builders import NOW, RITA, SUBJECT, request

WAITS = request()
OTHER = request(id="R2", subject=replace(SUBJECT, target_id="s2"))
DRILL = request(id="R3", drill=True)
REVIEWED = request(
    id="R4",
    intune_status=IntuneStatus.COMPLETED,
    review=Review((BrokeGlass("rita", "Rita", "A lost laptop"),), NOW, NOW + timedelta(hours=72), (RITA,), ()),
)


def test_what_waits_for_the_same_target_is_in_the_way() -> None:
    """A waiting request for the same target is in the way, and the first one is named."""
    assert occupying([OTHER, WAITS, replace(WAITS, id="R9")], "s1") == WAITS


@pytest.mark.parametrize("one", [OTHER, DRILL, REVIEWED], ids=["other-target", "drill", "only-its-review"])
def test_what_is_not_in_the_way(one: Request) -> None:
    """A request for another target, a drill, and a closed request with an open review block no other request."""
    assert occupying([one], "s1") is None


def test_nobody_is_in_their_own_way() -> None:
    """A request is not in its own way; another request for the same target is."""
    second = replace(WAITS, id="R9")
    assert occupying([WAITS], "s1", besides=WAITS.id) is None
    assert occupying([WAITS, second], "s1", besides=WAITS.id) == second


@given(
    st.lists(
        st.builds(
            request,
            id=st.sampled_from(["A", "B", "C"]),
            drill=st.booleans(),
            intune_status=st.sampled_from(IntuneStatus),
            subject=st.sampled_from([SUBJECT, OTHER.subject]),
        )
    )
)
def test_nothing_in_the_way_means_that_all_are_elsewhere_or_over(found: list[Request]) -> None:
    """`occupying` names a request that can still change the target, or nothing if there is none."""
    named = occupying(found, "s1", besides="A")
    able = [one for one in found if one.subject.target_id == "s1" and not one.ended_in_intune and not one.drill]
    assert (named is None) == (not [one for one in able if one.id != "A"])
    assert named is None or named in able
