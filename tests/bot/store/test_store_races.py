"""Many at once, by the real rules: one vote each, one quorum, one end."""

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
    """Load, decide and store until nobody interferes."""
    while True:
        read = await store.requests.load("R1")
        assert read is not None
        outcome = rule(read)
        change = Write(outcome.request, outcome.request != read, outcome.entries, outcome.planned, NOW, once, who)
        receipt = await store.requests.commit(change)
        if receipt.stored is not Stored.CONFLICT:
            return receipt


def votes(who: str, verdict: Verdict = Verdict.APPROVE) -> Rule:
    """This person votes on what they see."""
    stand = eligibility(person(who), ADMINS, CAB)
    return lambda read: cast_vote(read, ballot(stand, read, verdict), eligibilities(read), NOW)


def eligibilities(read: Request) -> dict[str, Eligibility]:
    """Everybody who has voted still may."""
    return {vote.voter.account: eligibility(vote.voter, ADMINS, CAB) for vote in read.votes}


async def kinds(store: Store) -> Counter[Kind]:
    """How often what is in the audit, whose numbers must have no gap."""
    recorded = await store.requests.audit(0, 10_000)
    assert [number for number, _ in recorded] == list(range(1, len(recorded) + 1))
    return Counter(entry.kind for _, entry in recorded)


async def decision(store: Store) -> Decision:
    """What was decided."""
    read = await store.requests.load("R1")
    assert read is not None
    return read.decision


async def test_the_same_click_sixty_four_times_is_one_vote(store: Store, sibling: Store) -> None:
    """Delivered to two replicas at the same moment."""
    await store.requests.commit(write(replace(NEW, workflows=(workflow(required=1, mode=QuorumMode.ANY),))))
    click = IdempotencyKey("click-1", "of alex", "Thank you.")

    receipts = await asyncio.gather(
        *(finalise(replica, votes("alex"), click) for replica in (store, sibling) for _ in range(32))
    )

    assert Counter(receipt.stored for receipt in receipts) == {Stored.SAVED: 1, Stored.REPEATED: 63}
    assert (await kinds(store))[Kind.QUORUM_REACHED] == 1
    assert await decision(store) is Decision.APPROVED


async def test_sixty_four_people_cross_the_quorum_once(store: Store, sibling: Store) -> None:
    """Whoever comes after it is refused, and everybody is in the audit."""
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
    )  # the first entry is the one that the request was stored with
    assert read is not None
    assert (read.decision, len(read.votes), read.carry_state) == (Decision.APPROVED, 2, CarryState.WANTED)


@pytest.mark.parametrize("round_", range(5))
async def test_approval_rejection_and_deadline_end_it_once(store: Store, sibling: Store, round_: int) -> None:
    """All at the same moment: one of them decides, the others find it closed."""
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
