"""Breaking the glass, whoever does it: the one who asked never decides, and nobody with a part in it reviews it."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from approvals.audit import Identified, Kind
from approvals.break_glass import Invocation, break_glass, is_real_text
from approvals.emergency import Emergency, EmergencyAccount, Finding, Way
from approvals.outcome import Reason
from approvals.people import Application, Person
from approvals.reconcile import reconcile
from approvals.request import CarryState, Decision, DecisionsMode, IntuneStatus, Request
from approvals.review import close_review, why_not_close
from approvals.sighting import Standing
from tests.approvals.builders import ADMINS, ALEX, CAB, CORA, DANA, NOW, RITA, person, request, seen, stands, terms

WHY = "The laptop of the director was stolen at the airport"
SHARED = person("shared")
PEOPLE = [RITA, person("rita-admin", "rita"), ALEX, CORA, DANA, SHARED]
FOUND = "The police report matches what was said that night"

people = st.sampled_from(PEOPLE)
requestors = st.sampled_from([RITA, ALEX, Application("a", "Pipeline"), Application("a", "Pipeline", (CORA,)), None])


def emergency(*accounts: Person, custodians: tuple[Person, ...] = ()) -> Emergency:
    """An open emergency path for these accounts; the shared one has the custodians."""
    listed = [EmergencyAccount(one, custodians if one is SHARED else ()) for one in accounts]
    return Emergency(open=True, accounts=tuple(listed), reviewers=(ADMINS,))


def invoke(on: Request, who: Person, path: Emergency, **more: object) -> Request:
    """The request after this person broke the glass; as it was if they were refused."""
    account = path.account_of(who.account)
    acting = account.custodians[0].account if account and account.custodians else ""
    invocation = Invocation(stands(who), Identified.BY_TOKEN, WHY, acting=acting)
    invocation = replace(invocation, **more)  # type: ignore[arg-type]
    return break_glass(on, path, invocation, on.digest[:12], NOW).request


@given(people, requestors, st.none() | people, st.lists(people, max_size=3, unique=True), st.booleans(), st.booleans())
def test_the_one_who_asked_never_decides(
    who: Person, asked: object, initiator: Person | None, custodians: list[Person], locked: bool, signed: bool
) -> None:
    """Whatever is configured: with a part in asking, unproved or locked it only calls for one other person."""
    on = request(requestor=asked, initiator=initiator)
    path = emergency(*PEOPLE, custodians=tuple(custodians))
    identified = Identified.BY_TOKEN if signed else Identified.BY_CHANNEL
    after = invoke(on, who, path, locked=locked, identified=identified)

    behind = (who, *(custodians if who is SHARED else ()))
    own = any(on.is_own_of(one) for one in behind)
    assert after.review is not None
    if after.decision is Decision.BROKEN_GLASS:
        assert not own
        assert signed
        assert not locked
        assert after.carry.by == who
        assert after.carry.state is CarryState.WANTED
    else:
        assert after.decision is Decision.OPEN
        assert after.needs_one
        assert after.deadline <= NOW + timedelta(hours=4)
    for one in behind:
        refusal = why_not_close(after, stands(one, ADMINS))
        assert refusal is not None
        assert refusal.reason is Reason.HAD_PART


@given(people, people)
def test_who_had_no_part_can_close_the_review(who: Person, reviewer: Person) -> None:
    """And nobody else."""
    after = invoke(request(), who, emergency(*PEOPLE))
    outcome = close_review(after, stands(reviewer, ADMINS), Finding.JUSTIFIED, FOUND, Identified.BY_CHANNEL, NOW)
    free = not reviewer.is_same_as(who) and not after.is_own_of(reviewer)
    assert (outcome.refusal is None) == free
    assert outcome.request.review is not None
    assert outcome.request.review.is_open != free


def test_a_drill_changes_nothing_but_the_record() -> None:
    """The request waits on, carried by nobody."""
    on = request()
    after = invoke(on, ALEX, emergency(ALEX), drill=True)
    assert replace(after, glass=(), review=None) == on
    assert after.glass[0].drill
    assert after.review is not None
    assert after.review.drill


def test_a_real_one_after_a_drill_is_no_drill() -> None:
    """The review that the drill opened becomes one of the real thing, and names both."""
    drilled = invoke(request(), CORA, emergency(ALEX, CORA), drill=True)
    after = invoke(drilled, ALEX, emergency(ALEX, CORA))
    assert after.decision is Decision.BROKEN_GLASS
    assert after.review is not None
    assert not after.review.drill
    assert {one.name for one in after.review.people} == {"Alex", "Cora"}


def test_where_decisions_are_only_tracked() -> None:
    """Nobody's token is taken there."""
    after = invoke(request(decisions=DecisionsMode.TRACK), ALEX, emergency(ALEX))
    assert [glass.way for glass in after.glass] == [Way.ESCALATED]


def test_what_changed_since_it_was_drawn() -> None:
    """The witness only refuses."""
    invocation = Invocation(stands(ALEX), Identified.BY_TOKEN, WHY)
    outcome = break_glass(request(), emergency(ALEX), invocation, "0" * 12, NOW)
    assert outcome.refusal is not None
    assert outcome.refusal.reason is Reason.CHANGED
    assert [entry.kind for entry in outcome.entries] == [Kind.REFUSED]


def test_an_account_that_is_disabled() -> None:
    """May nothing, whatever the configuration says."""
    invocation = Invocation(Standing(ALEX, frozenset({CAB.id}), active=False), Identified.BY_TOKEN, WHY)
    outcome = break_glass(request(), emergency(ALEX), invocation, request().digest[:12], NOW)
    assert outcome.refusal is not None
    assert outcome.refusal.reason is Reason.NO_EMERGENCY_ACCESS


@given(st.text(max_size=40))
def test_what_counts_as_a_justification(text: str) -> None:
    """Never raises; nothing short, and nothing of a few letters."""
    if is_real_text(text):
        assert len(" ".join(text.split())) >= 20
        assert len({char for char in text.casefold() if char.isalnum()}) >= 6


def test_those_on_call_keep_their_time() -> None:
    """A configuration that is loaded meanwhile does not end what was given a fresh deadline."""
    on = request(requestor=ALEX, opened_at=NOW - timedelta(hours=20))
    after = invoke(on, ALEX, emergency(ALEX))
    later = reconcile(after, seen(IntuneStatus.NEEDS_APPROVAL, after, requestor=ALEX), terms(digest="c2"), {}, NOW)
    assert later.request.config_digest == "c2"
    assert later.request.deadline == NOW + timedelta(hours=4)
