"""A click on a card: from the verb that was pressed to the card that the person sees next."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

import structlog

from approvals import lifecycle
from approvals.asking import cancel
from approvals.audit import Identified
from approvals.carry import can_finish
from approvals.decide import Ballot, cast_vote, may_vote, why_not, why_not_vote, withdraw
from approvals.lifecycle import CarryHappening
from approvals.outcome import Outcome, Reason
from approvals.people import Person
from approvals.reminding import claim, make_urgent
from approvals.request import CarryState, Request, Verdict
from approvals.sighting import Standing
from cards.actions import ON_DRAFTS, ON_PROMPTS, Verb, stamped
from cards.request_card import draw
from cards.view import Step, View
from handlers import asking, break_glass, carrying, copies, filing, gather, latest, reading, reviewing, signed, views
from handlers.clicks import Answer, AskForToken, Click, Place, Say, ShowCard
from handlers.desk import Desk
from handlers.ports import Card, NotFound, PortError, SignIn, SignInFailed, SignInTrouble, Stored, channel_of
from handlers.settle import Settled, settle
from handlers.troubles import sentence_for, why_not_signed_in

UNKNOWN = "This request is not known here any more."
FORGED = "This click does not belong to you or to this card. Please use the card itself."
OTHER_CONFIG = "Countersign is being updated to another configuration. Please try again in a minute."
DECIDE_IN_INTUNE = "Countersign takes no decisions to Intune here. Please do this in Intune."
NO_ANSWER = (
    "Something that this needs cannot be reached right now. It is not certain whether your click was stored. Please "
    "try again in a minute: nothing counts twice."
)

_VERDICTS = {
    Verb.APPROVE: Verdict.APPROVE,
    Verb.REJECT: Verdict.REJECT,
    Verb.CONFIRM_APPROVE: Verdict.APPROVE,
    Verb.CONFIRM_REJECT: Verdict.REJECT,
}

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Scene:
    """One click with what was gathered for it."""

    desk: Desk
    clicked: Click
    request: Request
    stands: Standing

    async def show(self, request: Request, notice: str = "", sign_in_url: str = "") -> ShowCard:
        """The person's own card of the request as it is now."""
        desk, channel = self.desk, channel_of(self.clicked.conversation)

        async def own_card(current: Request) -> Card:
            return await views.own_card(desk, current, self.stands, channel, notice, sign_in_url)

        return ShowCard(await latest.shown(desk, request, own_card))


async def click(desk: Desk, clicked: Click) -> Answer:
    """Do what was clicked and show the person their own card, with a refusal on top if there is one.

    It takes the place of the view that was clicked, so its buttons belong to the same posted card.
    """
    answer = await _answer(desk, clicked)
    return ShowCard(stamped(answer.card, clicked.button.attempt)) if isinstance(answer, ShowCard) else answer


async def _answer(desk: Desk, clicked: Click) -> Answer:
    try:
        if clicked.button.verb in ON_DRAFTS:
            return await asking.click(desk, clicked)
        if clicked.button.verb in ON_PROMPTS:
            return await break_glass.click(desk, clicked)
        request = await desk.requests.load(clicked.button.request_id)
    except PortError as error:
        log.warning("click_met_trouble", request_id=clicked.button.request_id, error=str(error))
        return Say(NO_ANSWER)
    return await _on(desk, clicked, request)


async def _on(desk: Desk, clicked: Click, request: Request | None) -> Answer:
    """Do it for whoever may read the request; to everybody else there is no such request."""
    is_reader = False
    try:
        if request is not None:
            await copies.adopt(desk, request, clicked)
        stands = await reading.reader(desk, request, clicked.account, clicked.name, clicked.conversation)
        if request is None or stands is None:
            return Say(UNKNOWN)
        is_reader = True
        return await _DOES[clicked.button.verb](_Scene(desk, clicked, request, stands))
    except PortError as error:
        log.warning(
            "click_met_trouble", request_id=clicked.button.request_id, verb=clicked.button.verb, error=str(error)
        )
        return await _no_answer(desk, clicked, request, is_reader=is_reader)


async def _no_answer(desk: Desk, clicked: Click, request: Request | None, *, is_reader: bool) -> Answer:
    """Apologize: on the card to whoever may read it, without it to everybody else."""
    with suppress(PortError):
        if request and (is_reader or await reading.reads_anyway(desk, request, clicked.account, clicked.conversation)):
            return ShowCard(draw(request, View(notice=NO_ANSWER), desk.portal_url))
    return Say(NO_ANSWER)


async def _show(scene: _Scene) -> Answer:
    """Their own card; who has to sign in finds the way there again after an edit has taken their view away."""
    request, sign_in = scene.request, scene.desk.sign_in
    if sign_in and scene.clicked.place is Place.CHANNEL and _is_theirs_to_carry(request, scene.stands.person):
        url = await sign_in.page_for(request.id, scene.clicked.account, Verb.FINISH)
        return await scene.show(request, sign_in_url=url)
    return await scene.show(request)


async def _details(scene: _Scene) -> Answer:
    try:
        return ShowCard(await views.details(scene.desk, scene.request, scene.stands))
    except NotFound as error:
        return await scene.show(scene.request, sentence_for(error))


async def _second_step(scene: _Scene) -> Answer:
    verdict = _VERDICTS[scene.clicked.button.verb]
    now = await scene.desk.clock.now()
    refusal = why_not(scene.request, scene.stands, scene.clicked.button.witness, now)
    if refusal:
        if _repeats(scene.request, scene.stands.person, verdict, now):
            return await _signed(scene, scene.request, Verb.FINISH)
        return await scene.show(scene.request, refusal.sentence)
    step = Step.APPROVE if verdict is Verdict.APPROVE else Step.REJECT
    return ShowCard(views.second_step(scene.desk, scene.request, scene.stands, step))


async def _confirm(scene: _Scene) -> Answer:
    """Cast the vote; if it decides, take it to Intune in this person's name."""
    verdict = _VERDICTS[scene.clicked.button.verb]
    if _repeats(scene.request, scene.stands.person, verdict, await scene.desk.clock.now()):
        return await _signed_unless_forged(scene, Verb.FINISH)
    if await _needs_signature(scene, verdict):
        return await _signed_unless_forged(scene, Verb.CONFIRM_APPROVE)
    settled = await _vote(scene, verdict)
    if settled.outcome.refusal or settled.stored is not Stored.SAVED:
        return await scene.show(settled.request, _why_nothing_changed(settled))
    if _is_theirs_to_carry(settled.request, scene.stands.person):
        return await _signed(scene, settled.request, Verb.FINISH)
    return await scene.show(settled.request)


async def _signed_unless_forged(scene: _Scene, verb: Verb) -> Answer:
    """A click that stores nothing itself is compared here with what is stored under its id."""
    seen = await scene.desk.requests.seen(scene.clicked.once)
    if seen and seen.stored is Stored.FORGED:
        return await scene.show(scene.request, FORGED)
    return await _signed(scene, scene.request, verb)


async def _withdraw(scene: _Scene) -> Answer:
    async def decide(request: Request, now: datetime) -> Outcome:
        return withdraw(request, scene.stands.person, Identified.BY_CHANNEL, now)

    settled = await settle(scene.desk, scene.request.id, decide, scene.clicked.once, scene.clicked.account)
    return await scene.show(settled.request, _why_nothing_changed(settled))


async def _finish(scene: _Scene) -> Answer:
    """Try again what got stuck on its way to Intune: for an approver, with their own token where a decision waits."""
    request = scene.request
    if lifecycle.may(request.carry_state, CarryHappening.CALLED):
        return await _signed(scene, request, Verb.FINISH)
    if refusal := may_vote(request, scene.stands):
        return await scene.show(request, refusal.sentence)
    await filing.push(scene.desk, request.id)
    return await scene.show(await scene.desk.requests.load(request.id) or request)


async def _cancel(scene: _Scene) -> Answer:
    async def decide(request: Request, now: datetime) -> Outcome:
        return cancel(request, scene.stands.person, Identified.BY_CHANNEL, now)

    settled = await settle(scene.desk, scene.request.id, decide, scene.clicked.once, scene.clicked.account)
    return await scene.show(settled.request, _why_nothing_changed(settled))


async def _claim(scene: _Scene) -> Answer:
    async def decide(request: Request, now: datetime) -> Outcome:
        return claim(request, scene.stands, Identified.BY_CHANNEL, now)

    settled = await settle(scene.desk, scene.request.id, decide, scene.clicked.once, scene.clicked.account)
    return await scene.show(settled.request, _why_nothing_changed(settled))


async def _urgent(scene: _Scene) -> Answer:
    if refusal := may_vote(scene.request, scene.stands):
        return await scene.show(scene.request, refusal.sentence)
    return ShowCard(views.second_step(scene.desk, scene.request, scene.stands, Step.URGENT))


async def _make_urgent(scene: _Scene) -> Answer:
    async def decide(request: Request, now: datetime) -> Outcome:
        return make_urgent(request, scene.stands, scene.clicked.note, Identified.BY_CHANNEL, now)

    settled = await settle(scene.desk, scene.request.id, decide, scene.clicked.once, scene.clicked.account)
    return await scene.show(settled.request, _why_nothing_changed(settled))


async def _glass(scene: _Scene) -> Answer:
    person = scene.stands.person
    return ShowCard(await break_glass.begin(scene.desk, scene.request, person.account, person.name))


async def _review(scene: _Scene) -> Answer:
    return await reviewing.click(scene.desk, scene.clicked, scene.request, scene.stands)


async def _cancel_approval(scene: _Scene) -> Answer:
    return await _signed(scene, scene.request, Verb.CANCEL_APPROVAL)


async def _signed(scene: _Scene, request: Request, verb: Verb) -> Answer:
    """Do what takes the person's own token with the one that came along, or ask for it."""
    desk, clicked, sign_in = scene.desk, scene.clicked, scene.desk.sign_in
    if sign_in is None:
        return await scene.show(request, DECIDE_IN_INTUNE)
    if clicked.assertion is None:
        return await _ask_to_sign_in(scene, request, sign_in, verb)
    try:
        token = await sign_in.on_behalf_of(clicked.assertion, clicked.account)
    except PortError as error:
        person, why = scene.stands.person, why_not_signed_in(error)
        await carrying.report_no_token(desk, request.id, person, Identified.BY_CHANNEL, why)
        return await _not_signed_in(scene, request, sign_in, verb, error)
    signer = carrying.Signer(clicked.account, scene.stands.person.name, token, clicked.note)
    try:
        notice = await signed.act(desk, verb, request.id, signer)
    except SignInFailed as error:
        return await _not_signed_in(scene, request, sign_in, verb, error)
    return await scene.show(await desk.requests.load(request.id) or request, notice)


async def _ask_to_sign_in(scene: _Scene, request: Request, sign_in: SignIn, verb: Verb) -> Answer:
    """Silently where Teams can, with a button on their card where it cannot: in channels."""
    url = await sign_in.page_for(request.id, scene.clicked.account, verb)
    if scene.clicked.place is Place.CHANNEL:
        return await scene.show(request, sign_in_url=url)
    return AskForToken(url)


async def _not_signed_in(scene: _Scene, request: Request, sign_in: SignIn, verb: Verb, error: PortError) -> Answer:
    """Why not; where more proof is wanted, the page is the way to give it."""
    url = ""
    if isinstance(error, SignInFailed) and error.trouble is SignInTrouble.MORE_PROOF:
        url = await sign_in.page_for(request.id, scene.clicked.account, verb, error.claims)
    return await scene.show(await scene.desk.requests.load(request.id) or request, why_not_signed_in(error), url)


async def _vote(scene: _Scene, verdict: Verdict) -> Settled:
    async def decide(request: Request, now: datetime) -> Outcome:
        return cast_vote(request, _ballot(scene, verdict), await gather.voters(scene.desk, request), now)

    return await settle(scene.desk, scene.request.id, decide, scene.clicked.once, scene.clicked.account)


async def _needs_signature(scene: _Scene, verdict: Verdict) -> bool:
    """Whether the rules want this person's own token before they count the vote."""
    refusal = why_not_vote(scene.request, _ballot(scene, verdict), await scene.desk.clock.now())
    return refusal is not None and refusal.reason is Reason.SIGN_IN_FIRST


def _ballot(scene: _Scene, verdict: Verdict) -> Ballot:
    clicked = scene.clicked
    return Ballot(scene.stands, verdict, clicked.button.witness, Identified.BY_CHANNEL, clicked.note)


def _repeats(request: Request, person: Person, verdict: Verdict, now: datetime) -> bool:
    """The same vote again, on a decision that Intune has not heard of yet: that is Finish."""
    vote = request.vote_of(person)
    same = vote is not None and vote.verdict is verdict and request.decision.verdict is verdict
    return same and can_finish(request, now)


def _is_theirs_to_carry(request: Request, person: Person) -> bool:
    carry = request.carry
    return carry is not None and carry.state is CarryState.WANTED and carry.by.is_same_as(person)


def _why_nothing_changed(settled: Settled) -> str:
    if settled.stored is Stored.FORGED:
        return FORGED
    if settled.stored is Stored.OTHER_CONFIG:
        return OTHER_CONFIG
    return settled.notice


_DOES = {
    Verb.REFRESH: _show,
    Verb.BACK: _show,
    Verb.DETAILS: _details,
    Verb.APPROVE: _second_step,
    Verb.REJECT: _second_step,
    Verb.CONFIRM_APPROVE: _confirm,
    Verb.CONFIRM_REJECT: _confirm,
    Verb.WITHDRAW: _withdraw,
    Verb.FINISH: _finish,
    Verb.CANCEL_APPROVAL: _cancel_approval,
    Verb.CANCEL: _cancel,
    Verb.CLAIM: _claim,
    Verb.URGENT: _urgent,
    Verb.MAKE_URGENT: _make_urgent,
    Verb.GLASS: _glass,
    Verb.SHOW_REVIEW: _review,
    Verb.REVIEW: _review,
    Verb.JUSTIFIED: _review,
    Verb.NOT_JUSTIFIED: _review,
}
