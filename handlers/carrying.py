"""What takes a person's own token: carrying a decision to Intune, and withdrawing an approval there."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

import structlog

from approvals import carry as rules
from approvals.audit import Identified
from approvals.decide import Ballot, cast_vote
from approvals.outcome import Outcome
from approvals.people import Person
from approvals.request import CarryState, Request, Verdict
from cards.actions import WITNESS_DIGITS
from handlers import filing, gather
from handlers.desk import Desk
from handlers.poll import look
from handlers.ports import Once, PortError, SignInFailed, Stored, UserToken
from handlers.settle import settle, settle_by
from handlers.troubles import sentence_for

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Signer:
    """Somebody whose token we hold for one call. `note` is what they typed, if anything."""

    account: str
    name: str
    token: UserToken
    note: str = ""

    @property
    def person(self) -> Person:
        """Who they are, as far as the token tells."""
        return Person(self.account, self.name, frozenset({self.account}))


async def finish(desk: Desk, request_id: str, signer: Signer) -> str:
    """Carry the decision: look first, claim the one call, make it, store the answer. What we file is filed before that
    and completed after it."""
    try:
        stopped = await filing.file(desk, request_id)
        await look(desk, request_id)
    except PortError as error:
        return sentence_for(error)
    if stopped:
        return await _report_stopped(desk, request_id, signer, stopped)
    claimed = await settle(desk, request_id, _claim(desk, signer), person=signer.account)
    if claimed.stored is Stored.BRAKED:
        return await _report_stopped(desk, request_id, signer, claimed.notice)
    if claimed.notice:
        return claimed.notice
    request = claimed.request
    try:
        answer = await _tell_intune(desk, request, signer)
    except PortError as error:
        problem = await report_failure(desk, request_id, signer.person, error, sentence_for(error))
        if isinstance(error, SignInFailed):
            raise
        return problem
    caller = request.carry.by if request.carry else signer.person
    await settle_by(desk, request_id, lambda known, now: rules.carried(known, caller, answer, now))
    log.info("decision_carried", request_id=request_id, decision=request.decision, graph_request=answer)
    if request.filing is not None:
        with suppress(PortError):  # else it is tried again by itself
            await filing.complete(desk, request_id)
    return f"Intune has been told: {request.decision.word}."


async def report_failure(desk: Desk, request_id: str, caller: Person, error: PortError, problem: str) -> str:
    """Store that this person's carry came to nothing; returns the problem, as everybody reads it."""
    log.warning("carry_failed", request_id=request_id, error=str(error), neighbour_request=error.request_id)
    await settle_by(
        desk, request_id, lambda known, now: rules.carry_failed(known, caller, problem, now, error.request_id)
    )
    return problem


async def _report_stopped(desk: Desk, request_id: str, signer: Signer, sentence: str) -> str:
    """Store that a brake stopped this person's carry; returns its sentence."""
    await settle_by(
        desk,
        request_id,
        lambda known, now: rules.carry_stopped(known, signer.person, sentence, now),
        person=signer.account,
    )
    return sentence


async def report_no_token(
    desk: Desk, request_id: str, caller: Person, identified: Identified, problem: str, once: Once | None = None
) -> None:
    """Store that this person brought no token; `once` tells a repetition of the same failure."""
    await settle_by(
        desk, request_id, lambda known, now: rules.sign_in_failed(known, caller, identified, problem, now), once
    )


async def approve_signed(desk: Desk, request_id: str, signer: Signer) -> str:
    """Vote on one's own token, where the requestor is unknown, and carry the vote if it decides."""

    async def decide(request: Request, now: datetime) -> Outcome:
        ballot = await _ballot(desk, request, signer, Verdict.APPROVE)
        return cast_vote(request, ballot, await gather.voters(desk, request), now)

    settled = await settle(desk, request_id, decide, person=signer.account)
    if settled.outcome.refusal:
        return settled.outcome.refusal.sentence
    if settled.request.carry_state is CarryState.WANTED:
        return await finish(desk, request_id, signer)
    return "Your approval is counted."


async def cancel_approval(desk: Desk, request_id: str, signer: Signer) -> str:
    """Withdraw the approval that Intune holds below our quorum."""

    async def decide(request: Request, now: datetime) -> Outcome:
        return rules.start_cancelling(request, await _ballot(desk, request, signer, Verdict.REJECT), now)

    settled = await settle(desk, request_id, decide, person=signer.account)
    if settled.outcome.refusal:
        return settled.outcome.refusal.sentence
    request = settled.request
    try:
        await _withdraw(desk, request, signer, "approval withdrawn, the quorum here was not reached.")
    except PortError as error:
        return await _report_kept(desk, request_id, signer, error)
    return "The approval in Intune is withdrawn."


async def _withdraw(desk: Desk, request: Request, signer: Signer, why: str) -> None:
    """Take Intune's approval back in this person's name, and store that."""
    note = f"Countersign {request.id}: {why}"
    answer = await desk.intune.cancel_approval(request.intune_id or "", note, signer.token)
    await settle_by(desk, request.id, lambda known, now: rules.approval_cancelled(known, signer.person, answer, now))


async def _report_kept(desk: Desk, request_id: str, signer: Signer, error: PortError) -> str:
    problem, answer_id = sentence_for(error), error.request_id
    await settle_by(
        desk, request_id, lambda known, now: rules.approval_not_cancelled(known, signer.person, problem, answer_id, now)
    )
    return problem


async def _tell_intune(desk: Desk, request: Request, signer: Signer) -> str:
    """Say it once. An approval of other content is withdrawn first, because Intune takes no second one."""
    if rules.is_for_other_content(request):
        await _withdraw(desk, request, signer, "approval withdrawn, it was given for other content.")
    verdict = rules.verdict_to_tell(request)
    note = rules.native_note(request, signer.note)
    return await desk.intune.decide(request.intune_id or "", verdict, note, signer.token)


def _claim(desk: Desk, signer: Signer) -> Callable[[Request, datetime], Awaitable[Outcome]]:
    async def decide(request: Request, now: datetime) -> Outcome:
        verdict = request.decision.verdict or Verdict.APPROVE
        return rules.start_carry(request, await _ballot(desk, request, signer, verdict), now)

    return decide


async def _ballot(desk: Desk, request: Request, signer: Signer, verdict: Verdict) -> Ballot:
    stands = await gather.standing(desk, request, signer.account, signer.name)
    return Ballot(stands, verdict, request.digest[:WITNESS_DIGITS], Identified.BY_TOKEN, signer.note)
