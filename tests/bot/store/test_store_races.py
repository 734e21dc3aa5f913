"""Many decisions at once, under the real rules: each person has one vote, and each request ends once."""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from approvals.audit import Identified, Kind
from approvals.decide import cast_vote, expire, withdraw
from approvals.outcome import Outcome
from approvals.policy import QuorumMode
from approvals.request import CarryState, Decision, Request, Verdict
from approvals.snapshot import Eligibility
from bot.store import Store
from handlers.ports.requests import IdempotencyKey, Receipt, Stored, Write
from tests.approvals.builders import ADMINS, CAB, CORA, NOW, ballot, eligibility, person, workflow
from tests.bot.store.driven import NEW, write

Rule = Callable[[Request], Outcome]
TERMINAL = {Kind.QUORUM_REACHED, Kind.REJECTED, Kind.EXPIRED}


async def finalise(store: Store, rule: Rule, once: IdempotencyKey | None = None, who: str = "") -> Receipt:
    """Load, decide and store until there is no conflict."""
    while True:
        read = await store.requests.load("R1")
        assert read is not None
        outcome = rule(read)
        change = Write(outcome.request, outcome.request != read, outcome.entries, outcome.planned, NOW, once, who)
        receipt = await store.requests.commit(change)
        if receipt.stored is not Stored.CONFLICT:
            return receipt


def votes(who: str, verdict: Verdict = Verdict.APPROVE) -> Rule:
    """Return a rule by which this person votes on the request as it was read."""
    stand = eligibility(person(who), ADMINS, CAB)
    return lambda read: cast_vote(read, ballot(stand, read, verdict), eligibilities(read), NOW)


def eligibilities(read: Request) -> dict[str, Eligibility]:
    """Return the eligibility of every voter, as a member of both groups."""
    return {vote.voter.account: eligibility(vote.voter, ADMINS, CAB) for vote in read.votes}


async def kinds(store: Store) -> Counter[Kind]:
    """Count the audit entries by kind, after asserting that their numbers have no gap."""
    recorded = await store.requests.audit(0, 10_000)
    assert [number for number, _ in recorded] == list(range(1, len(recorded) + 1))
    return Counter(entry.kind for _, entry in recorded)


async def decision(store: Store) -> Decision:
    """Return the decision of the request."""
    read = await store.requests.load("R1")
    assert read is not None
    return read.decision


async def test_the_same_click_sixty_four_times_is_one_vote(store: Store, sibling: Store) -> None:
    """The same click that is delivered 64 times to two replicas is one vote."""
    await store.requests.commit(write(replace(NEW, workflows=(workflow(required=1, mode=QuorumMode.ANY),))))
    click = IdempotencyKey("click-1", "of alex", "Thank you.")

    receipts = await asyncio.gather(
        *(finalise(replica, votes("alex"), click) for replica in (store, sibling) for _ in range(32))
    )

    assert Counter(receipt.stored for receipt in receipts) == {Stored.SAVED: 1, Stored.REPEATED: 63}
    assert (await kinds(store))[Kind.QUORUM_REACHED] == 1
    assert await decision(store) is Decision.APPROVED


async def test_sixty_four_people_cross_the_quorum_once(store: Store, sibling: Store) -> None:
    """If 64 people vote at once, the quorum is reached once, the others are refused, and each of them is in the
    audit."""
    await store.requests.commit(write(NEW))

    receipts = await asyncio.gather(
        *(finalise((store, sibling)[number % 2], votes(f"p{number}"), who=f"p{number}") for number in range(64))
    )
    counted = await kinds(store)
    read = await store.requests.load("R1")

    assert {receipt.stored for receipt in receipts} == {Stored.SAVED}
    assert counted[Kind.QUORUM_REACHED] == 1
    assert (counted[Kind.VOTED], counted[Kind.REFUSED]) == (
        1 + 2,
        62,
    )  # storing the request wrote the first entry
    assert read is not None
    assert (read.decision, len(read.votes), read.carry_state) == (Decision.APPROVED, 2, CarryState.WANTED)


@pytest.mark.parametrize("round_", range(5))
async def test_approval_rejection_and_deadline_end_it_once(store: Store, sibling: Store, round_: int) -> None:
    """If approval, rejection, withdrawal and deadline come at the same moment, exactly one of them ends the request."""
    await store.requests.commit(write(replace(NEW, deadline=NOW + timedelta(hours=1))))
    await finalise(store, votes("cora"))
    late = NOW + timedelta(hours=1)

    await asyncio.gather(
        finalise(store, votes("alex")),
        finalise(sibling, votes("dana", Verdict.REJECT)),
        finalise(store, lambda read: expire(read, late)),
        finalise(sibling, lambda read: withdraw(read, CORA, Identified.BY_CHANNEL, NOW)),
    )
    counted = await kinds(store)

    assert sum(counted[kind] for kind in TERMINAL) == 1
    assert await decision(store) is not Decision.OPEN
