"""Whatever happens, in any order: no decision without the different, eligible people that it needs."""

from dataclasses import asdict, replace
from datetime import datetime, timedelta
from itertools import combinations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from approvals.audit import Identified
from approvals.carry import carried, carry_failed, sign_in_failed, start_carry
from approvals.decide import cast_vote, expire, withdraw
from approvals.outcome import Outcome
from approvals.people import Application, Person
from approvals.policy import QuorumMode
from approvals.problems import NoConsent, NotCounted
from approvals.quorum import extra_seats
from approvals.reconcile import reconcile
from approvals.request import Decision, IntuneStatus, Request, Verdict, Vote
from approvals.snapshot import Eligibility
from tests.approvals.builders import ADMINS, CAB, NOW, SUBJECT, ballot, person, request, seen, terms, workflow
from tests.told import tell, truth

GROUPS = (ADMINS, CAB)
PEOPLE = [
    person("rita", "rita-admin"),
    person("rita-admin", "rita"),
    person("alex", "alex-admin"),
    person("alex-admin", "alex"),
    person("cora"),
    person("dana"),
]
WORKFLOWS = [
    workflow(),
    workflow(mode=QuorumMode.ANY),
    workflow(required=1, mode=QuorumMode.ANY),
    workflow(required=3),
    workflow(enabled=False),
    workflow(groups=()),
]
LIVELY = WORKFLOWS[:3]
REQUESTORS = [PEOPLE[0], PEOPLE[0], Application("a", "Pipeline"), Application("a", "Pipeline", (PEOPLE[4],)), None]

people = st.sampled_from(PEOPLE)
rarely = st.integers(0, 11).map(lambda number: number == 11)
verdicts = rarely.map(lambda rare: Verdict.REJECT if rare else Verdict.APPROVE)
statuses = rarely.flatmap(
    lambda rare: st.sampled_from(list(IntuneStatus) if rare else [IntuneStatus.NEEDS_APPROVAL, IntuneStatus.APPROVED])
)
memberships = st.frozensets(st.sampled_from([group.id for group in GROUPS]))


def seats_can_be_filled(request: Request, votes: list[Vote]) -> bool:
    """Return whether a quorum is reached, by trying every choice of people without the product's matching."""
    (flow,) = request.workflows
    needed = max(flow.required + extra_seats(request), len(flow.groups) if flow.mode is QuorumMode.EACH else 0)
    for chosen in combinations(votes, needed):
        if any(one.voter.is_same_as(other.voter) for one, other in combinations(chosen, 2)):
            continue
        if flow.mode is QuorumMode.ANY or _one_of_each(flow.group_ids, list(chosen)):
            return True
    return False


def _one_of_each(groups: frozenset[str], chosen: list[Vote]) -> bool:
    """Return whether each of these groups gets its own person out of the chosen votes."""
    if not groups:
        return True
    group = next(iter(groups))
    return any(
        group in vote.groups and _one_of_each(groups - {group}, [other for other in chosen if other is not vote])
        for vote in chosen
    )


class Life(RuleBasedStateMachine):
    """The life of one request: votes, repeats, withdrawals, changes of groups and content, and a clock that jumps."""

    def __init__(self) -> None:
        super().__init__()
        self.now: datetime = NOW
        both = frozenset({ADMINS.id, CAB.id})
        self.groups = {who.account: both for who in PEOPLE} | {"cora": frozenset({CAB.id})}
        self.linked = False
        self.request = request()
        self.told = truth(self.request)

    def eligibility(self, who: Person) -> Eligibility:
        """Return the eligibility of this person as the directory has it now."""
        if self.linked and who.account in ("cora", "dana"):
            who = replace(who, accounts=frozenset({"cora", "dana"}))
        return Eligibility(who, self.groups[who.account], active=True)

    def voters(self) -> dict[str, Eligibility]:
        """Return the present eligibility of all voters."""
        return {vote.voter.account: self.eligibility(vote.voter) for vote in self.request.votes}

    def take(self, outcome: Outcome) -> None:
        """Keep the new state, and check that a decision never changes after it is made."""
        before = self.request
        self.request = outcome.request
        self.check_record(outcome)
        if before.decision is not Decision.OPEN:
            assert self.request.decision is before.decision
        if before.decision is Decision.OPEN and self.request.decision is Decision.APPROVED:
            self.check_approval()

    def check_record(self, outcome: Outcome) -> None:
        """Check that the audit entries alone lead to the present state."""
        for entry in outcome.entries:
            tell(self.told, asdict(entry))
        now = truth(self.request)
        assert replace(self.told, asker=now.asker, urgent=now.urgent) == now

    def check_approval(self) -> None:
        """Check that the counted people are enough and eligible, and that none of them asked for the request."""
        counted = [
            vote
            for vote in self.request.votes
            if vote.verdict is Verdict.APPROVE and vote.digest == self.request.digest
        ]
        (flow,) = self.request.workflows
        assert flow.enabled
        assert flow.groups
        assert all(self.groups[vote.voter.account] >= vote.groups for vote in counted)
        assert all(vote.groups & flow.group_ids for vote in counted)
        assert seats_can_be_filled(self.request, counted)

    @initialize(
        flow=rarely.flatmap(lambda rare: st.sampled_from(WORKFLOWS if rare else LIVELY)),
        requestor=st.sampled_from(REQUESTORS),
    )
    def begin(self, flow: object, requestor: object) -> None:
        """Choose the workflow and the requestor of the request."""
        self.request = request(workflows=(flow,), requestor=requestor)

    @rule()
    def link(self) -> None:
        """Link two accounts to one person in the directory."""
        self.linked = True

    @rule(who=people, groups=memberships)
    def join_or_leave(self, who: Person, groups: frozenset[str]) -> None:
        """Change the groups of this person in the directory."""
        self.groups[who.account] = groups

    @rule(
        who=people,
        verdict=verdicts,
        signed=st.booleans(),
        note=st.just("why"),
    )
    def vote(self, who: Person, verdict: Verdict, signed: bool, note: str) -> None:
        """Let a person vote, eligible or not, for the first time or again."""
        self.vote_once(who, verdict, Identified.BY_TOKEN if signed else Identified.BY_CHANNEL, note)

    def vote_once(self, who: Person, verdict: Verdict, how: Identified, note: str) -> None:
        """Cast one vote on the present content of the request."""
        cast = replace(ballot(self.eligibility(who), self.request, verdict, note), identified=how)
        outcome = cast_vote(self.request, cast, self.voters(), self.now)
        if self.request.is_own_of(who):
            assert outcome.refusal is not None
        self.take(outcome)

    @rule(order=st.permutations(PEOPLE), count=st.integers(1, 4), leaves=people)
    def several_vote(self, order: list[Person], count: int, leaves: Person) -> None:
        """Let some people approve one after the other, and one person leave all groups in between."""
        for who in order[:count]:
            self.vote_once(who, Verdict.APPROVE, Identified.BY_CHANNEL, "why")
            self.groups[leaves.account] = frozenset()

    @rule(who=people)
    def take_back(self, who: Person) -> None:
        """Let a person withdraw their vote."""
        self.take(withdraw(self.request, who, Identified.BY_CHANNEL, self.now))

    @rule(step=st.integers(-3, 3))
    def clock_steps(self, step: int) -> None:
        """Move the time by some hours, backwards too."""
        self.now = self.now + timedelta(hours=step)
        self.take(expire(self.request, self.now))

    @rule(
        status=statuses,
        changed=rarely,
        approver=st.none() | people,
        requestor=st.sampled_from(REQUESTORS),
    )
    def intune_shows(self, status: IntuneStatus, changed: bool, approver: Person | None, requestor: object) -> None:
        """Let Intune show the request in a new state, even in one that it should never reach."""
        subject = replace(SUBJECT, content_sha256="1" * 64) if changed else self.request.subject
        sighting = seen(
            status,
            subject=subject,
            approver=self.eligibility(approver) if approver else None,
            requestor=requestor if self.request.requestor is None else self.request.requestor,
        )
        self.take(reconcile(self.request, sighting, terms(*self.request.workflows), self.voters(), self.now))

    @rule(who=people)
    def fail_to_sign_in(self, who: Person) -> None:
        """Let a person fail to sign in."""
        self.take(sign_in_failed(self.request, who, Identified.NOBODY, NoConsent(), self.now))

    @rule(who=people, answer=st.sampled_from(["yes", "no", "lost"]))
    def carry(self, who: Person, answer: str) -> None:
        """Let a person carry the decision; Intune says yes or no, or the answer is lost."""
        verdict = Verdict.REJECT if self.request.decision is Decision.REJECTED else Verdict.APPROVE
        claimed = start_carry(self.request, ballot(self.eligibility(who), self.request, verdict), self.now)
        if claimed.refusal is None:
            assert self.request.decision in (Decision.APPROVED, Decision.REJECTED)
            assert not self.request.is_own_of(who)
        self.take(claimed)
        if claimed.refusal is None and answer == "yes":
            self.take(carried(self.request, who, "g", self.now))
        elif claimed.refusal is None and answer == "no":
            self.take(carry_failed(self.request, who, NotCounted(), self.now))

    @invariant()
    def nobody_votes_twice_or_on_their_own(self) -> None:
        """Check that every person has one vote at most, and that nobody who asked has a vote on an open request."""
        if not self.linked:
            for one, other in combinations(self.request.votes, 2):
                assert not one.voter.is_same_as(other.voter)
        if self.request.decision is Decision.OPEN:
            assert not any(self.request.is_own_of(vote.voter) for vote in self.request.votes)

    @invariant()
    def only_decisions_are_carried(self) -> None:
        """Check that only a decided request is carried to Intune."""
        if self.request.carry is not None:
            assert self.request.decision in (Decision.APPROVED, Decision.REJECTED)


Life.TestCase.settings = settings(max_examples=300, stateful_step_count=20, deadline=None)
TestLife = Life.TestCase
