"""Calls that need a person's own token: carry a decision to Intune, and withdraw an approval there."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

import structlog

from approvals import carry as rules
from approvals.audit import Identified
from approvals.decide import Ballot, cast_vote
from approvals.people import Person
from approvals.problems import Problem
from approvals.request import CarryState, Request, Verdict
from approvals.snapshot import Eligibility
from cards.actions import fingerprint_of
from cards.problems import problem_sentence
from cards.refusals import refusal_sentence
from handlers.carrying.troubles import problem_of
from handlers.filing.completing import Completing
from handlers.filing.filing import FilingOrders
from handlers.gathering.eligibilities import Eligibilities
from handlers.intune.looking import Looking
from handlers.ports.errors import NotFound, PortError, SignInFailed, Throttled
from handlers.ports.intune import Intune
from handlers.ports.requests import IdempotencyKey, Stored
from handlers.ports.sign_in import UserToken
from handlers.storing.commits import Commits

NOT_READ = "Intune cannot be read right now, so it was not told the decision. Please try again in a minute."

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Signer:
    """Somebody whose token we hold for one call. `note` is what they typed, if anything, `fingerprint` what they were
    looking at when they clicked."""

    account: str
    name: str
    token: UserToken
    note: str = ""
    fingerprint: str = ""

    @property
    def person(self) -> Person:
        """The person, as far as the token tells."""
        return Person(self.account, self.name, frozenset({self.account}))


@dataclass(frozen=True, slots=True)
class Carrying:
    """Makes calls to Intune in a person's name, one for each token."""

    intune: Intune
    commits: Commits
    eligibilities: Eligibilities
    looking: Looking
    filing_orders: FilingOrders
    completing: Completing

    async def finish(self, request_id: str, signer: Signer) -> str:
        """Carry the decision: look first, reserve the one call, make it, store the answer.

        An order is filed before that and completed after it.
        """
        try:
            stopped = await self.filing_orders.file(request_id)
            await self.looking.look(request_id)
        except PortError as error:
            return _unread(error)
        if stopped:
            return await self._report_stopped(request_id, signer, stopped)
        reserved = await self.commits.commit_on(
            request_id, lambda request: self._deciding(request, signer), rules.start_carry, person=signer.account
        )
        if reserved.stored is Stored.BRAKED:
            return await self._report_stopped(request_id, signer, reserved.notice)
        if reserved.notice:
            return reserved.notice
        request = reserved.request
        try:
            answer = await self._tell_intune(request, signer)
        except PortError as error:
            problem = await self._report_failure(request_id, signer.person, error)
            if isinstance(error, SignInFailed):
                raise
            return problem_sentence(problem)
        caller = request.carry.by if request.carry else signer.person
        await self.commits.commit(request_id, lambda known, now: rules.carried(known, caller, answer, now))
        log.info("decision_carried", request_id=request_id, decision=request.decision, graph_request=answer)
        if request.filing is not None:
            with suppress(PortError):  # otherwise it is retried later
                await self.completing.complete(request_id)
        return f"Intune has been told: {request.decision.word}."

    async def _report_failure(self, request_id: str, caller: Person, error: PortError) -> Problem:
        """Store that this person's carry failed; return why."""
        problem = problem_of(error)
        log.warning("carry_failed", request_id=request_id, error=str(error), neighbour_request=error.request_id)
        await self.commits.commit(
            request_id, lambda known, now: rules.carry_failed(known, caller, problem, now, error.request_id)
        )
        return problem

    async def _report_stopped(self, request_id: str, signer: Signer, sentence: str) -> str:
        """Store that a brake stopped this person's carry; return its sentence."""
        await self.commits.commit(
            request_id,
            lambda known, now: rules.carry_stopped(known, signer.person, sentence, now),
            person=signer.account,
        )
        return sentence

    async def report_no_token(
        self,
        request_id: str,
        caller: Person,
        identified: Identified,
        problem: Problem,
        once: IdempotencyKey | None = None,
    ) -> None:
        """Store that this person brought no token; `once` identifies a repetition of the same failure."""
        await self.commits.commit(
            request_id, lambda known, now: rules.sign_in_failed(known, caller, identified, problem, now), once
        )

    async def approve_signed(self, request_id: str, signer: Signer) -> str:
        """Vote on one's own token, where the requestor is unknown, and carry the vote if it decides. The vote is for
        what they saw before they signed in."""

        async def ballot_and_voters(request: Request) -> tuple[Ballot, Mapping[str, Eligibility]]:
            ballot = await self._ballot(request, signer, Verdict.APPROVE)
            return replace(ballot, fingerprint=signer.fingerprint), await self.eligibilities.of_voters(request)

        committed = await self.commits.commit_on(
            request_id,
            ballot_and_voters,
            lambda request, facts, now: cast_vote(request, *facts, now),
            person=signer.account,
        )
        if committed.outcome.refusal:
            return refusal_sentence(committed.outcome.refusal)
        if committed.request.carry_state is CarryState.WANTED:
            return await self.finish(request_id, signer)
        return "Your approval is counted."

    async def cancel_approval(self, request_id: str, signer: Signer) -> str:
        """Withdraw an approval in Intune that is below our quorum."""
        committed = await self.commits.commit_on(
            request_id,
            lambda request: self._ballot(request, signer, Verdict.REJECT),
            rules.start_cancelling,
            person=signer.account,
        )
        if committed.outcome.refusal:
            return refusal_sentence(committed.outcome.refusal)
        request = committed.request
        try:
            await self._withdraw(request, signer, "approval withdrawn, the quorum here was not reached.")
        except PortError as error:
            return await self._report_kept(request_id, signer, error)
        return "The approval in Intune is withdrawn."

    async def _withdraw(self, request: Request, signer: Signer, why: str) -> None:
        """Withdraw Intune's approval in this person's name, and store that."""
        note = f"Countersign {request.id}: {why}"
        answer = await self.intune.cancel_approval(request.intune_id or "", note, signer.token)
        await self.commits.commit(
            request.id, lambda known, now: rules.approval_cancelled(known, signer.person, answer, now)
        )

    async def _report_kept(self, request_id: str, signer: Signer, error: PortError) -> str:
        problem, answer_id = problem_of(error), error.request_id
        await self.commits.commit(
            request_id, lambda known, now: rules.approval_not_cancelled(known, signer.person, problem, answer_id, now)
        )
        return problem_sentence(problem)

    async def _tell_intune(self, request: Request, signer: Signer) -> str:
        """Send the verdict once. An approval of other content is withdrawn first, because Intune takes no second
        one."""
        if rules.is_for_other_content(request):
            await self._withdraw(request, signer, "approval withdrawn, it was given for other content.")
        verdict = rules.verdict_to_tell(request)
        note = rules.native_note(request, signer.note)
        return await self.intune.decide(request.intune_id or "", verdict, note, signer.token)

    async def _deciding(self, request: Request, signer: Signer) -> Ballot:
        """Return their ballot for what was decided: to finish a decision is to vote for it."""
        return await self._ballot(request, signer, request.decision.verdict or Verdict.APPROVE)

    async def _ballot(self, request: Request, signer: Signer, verdict: Verdict) -> Ballot:
        eligibility = await self.eligibilities.to(request, signer.account, signer.name)
        return Ballot(eligibility, verdict, fingerprint_of(request), Identified.BY_TOKEN, signer.note)


def _unread(error: PortError) -> str:
    """Return why nothing was sent. The read before it uses the bot's own token, so a refusal of this read says nothing
    about the person (Graph sometimes answers reads with a 403, graph-docs#11430)."""
    return problem_sentence(problem_of(error)) if isinstance(error, NotFound | Throttled) else NOT_READ
