"""Breaking the glass: the prompt, the proof of who it is, and what then happens at once."""

from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from approvals.audit import Identified
from approvals.break_glass import (
    PROMPT_TIME,
    Invocation,
    Prompt,
    break_glass,
    way_for,
    why_not_break,
    why_not_enough,
    why_not_invoke,
    why_only_escalated,
)
from approvals.change import Change
from approvals.emergency import Emergency, Glass, Way
from approvals.outcome import Outcome, Reason, Refusal
from approvals.people import Person
from approvals.request import Request
from approvals.sighting import Standing
from cards import glass_card
from cards.actions import WITNESS_DIGITS, Verb, witness_of
from handlers import carrying, gather, views
from handlers.alone import execute
from handlers.clicks import Answer, AskForToken, Click, Place, ShowCard
from handlers.desk import Desk, new_request_id
from handlers.ports import Card, Once, PortError, SignInFailed, SignInTrouble, Stored, Throttled, Unavailable, UserToken
from handlers.settle import Settled, settle
from handlers.troubles import why_not_signed_in

OVER = "This has been open for too long, or was closed. Nothing was done; please begin again."
NOT_YOURS = "Only the person who began this can go on with it."
LEFT = "Nothing was done."
WRONG_NAME = Refusal(Reason.WRONG_NAME, "The name that you typed is not the one of what this is about.")
GONE = "This request is not known here any more."

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Scene:
    """A prompt with what was gathered for it."""

    prompt: Prompt
    request: Request
    emergency: Emergency | None
    stands: Standing
    locked: bool

    def invocation(self, identified: Identified) -> Invocation:
        """What is asked of the rules."""
        asked = self.prompt
        return Invocation(self.stands, identified, asked.why, asked.ticket, asked.acting, asked.drill, self.locked)

    def card(self, notice: str = "", sign_in_url: str = "") -> Card:
        """The prompt as it is now, with what breaking the glass would do."""
        account = self.emergency.account_of(self.stands.person.account) if self.emergency else None
        people = (self.stands.person, *(account.custodians if account else ()))
        return glass_card.prompt(
            self.prompt,
            self.request,
            account,
            way_for(self.request, people, self.invocation(Identified.BY_TOKEN)),
            ticket=bool(self.emergency and self.emergency.ticket),
            notice=notice,
            sign_in_url=sign_in_url,
        )


async def begin(desk: Desk, request: Request, account: str, name: str, *, drill: bool = False) -> Card:
    """The prompt, or why this person gets none."""
    now = await desk.clock.now()
    prompt = Prompt(new_request_id(now), request.id, Person(account, name, frozenset({account})), now, drill)
    scene = await _scene(desk, prompt, request)
    refusal = why_not_invoke(scene.emergency, scene.stands) or why_not_break(request, witness_of(request))
    if refusal:
        return glass_card.over(refusal.sentence)
    await desk.prompts.save(prompt)
    return scene.card()


async def click(desk: Desk, clicked: Click) -> Answer:
    """A click on a prompt."""
    prompt = await desk.prompts.load(clicked.button.request_id)
    now = await desk.clock.now()
    if prompt is None or now >= prompt.began_at + PROMPT_TIME:
        return ShowCard(glass_card.over(OVER))
    if clicked.account != prompt.invoker.account:
        return ShowCard(glass_card.over(NOT_YOURS))
    if clicked.button.verb is Verb.LEAVE:
        await desk.prompts.save(replace(prompt, began_at=now - PROMPT_TIME))
        return ShowCard(glass_card.over(LEFT))
    filled = replace(
        prompt,
        why=clicked.inputs.get("why", ""),
        ticket=clicked.inputs.get("ticket", "").strip(),
        acting=clicked.inputs.get("acting", ""),
    )
    request = await desk.requests.load(prompt.request_id)
    if request is None:
        return ShowCard(glass_card.over(GONE))
    return await _confirm(desk, await _scene(desk, filled, request), clicked)


async def signed_in(desk: Desk, prompt_id: str, account: str, token: UserToken) -> str:
    """What happens when they come back from the sign-in page; the sentence is for that page."""
    prompt = await desk.prompts.load(prompt_id)
    now = await desk.clock.now()
    late = prompt is None or now >= prompt.began_at + PROMPT_TIME
    if prompt is None or late or account != prompt.invoker.account or not prompt.confirmed:
        return OVER
    request = await desk.requests.load(prompt.request_id)
    if request is None:
        return GONE
    scene = await _scene(desk, prompt, request)
    settled = await _break(desk, scene, Identified.BY_TOKEN, witness_of(request), None)
    return await _say(desk, settled, token)


async def why_locked(desk: Desk, person: Person, now: datetime) -> bool:
    """Whether a review of something that this person had a part in is overdue."""
    for request_id in await desk.requests.open_ids():
        request = await desk.requests.load(request_id)
        review = request.review if request else None
        if review is not None and review.is_overdue(now) and review.has_part(person):
            return True
    return False


async def _scene(desk: Desk, prompt: Prompt, request: Request) -> Scene:
    emergency = desk.book.emergency
    groups = emergency.group_ids if emergency else frozenset[str]()
    stands = await gather.standing_in(desk, prompt.invoker.account, prompt.invoker.name, groups)
    locked = await why_locked(desk, stands.person, await desk.clock.now())
    return Scene(prompt, request, emergency, stands, locked)


async def _confirm(desk: Desk, scene: Scene, clicked: Click) -> Answer:
    """Everything that was typed is checked; then they prove who they are; then the glass is broken."""
    refusal = await _refused_and_recorded(desk, scene, clicked.inputs.get("name", ""))
    if refusal:
        await desk.prompts.save(scene.prompt)
        return ShowCard(scene.card(refusal.sentence))
    confirmed = replace(scene, prompt=replace(scene.prompt, confirmed=True))
    await desk.prompts.save(confirmed.prompt)
    return await _prove(desk, confirmed, clicked)


async def why_not_typed(desk: Desk, prompt: Prompt, request: Request, typed: str) -> Refusal | None:
    """What is wrong with what somebody filled in, who may break glass; it is recorded."""
    return await _refused_and_recorded(desk, await _scene(desk, prompt, request), typed)


async def _refused_and_recorded(desk: Desk, scene: Scene, typed: str) -> Refusal | None:
    refusal = _why_not_typed(scene, typed)
    if refusal:
        await _audit_refusal(desk, scene, refusal)
    return refusal


def _why_not_typed(scene: Scene, typed: str) -> Refusal | None:
    emergency, name = scene.emergency, scene.request.subject.target
    if emergency is None or (refusal := why_not_invoke(emergency, scene.stands)):
        return why_not_invoke(emergency, scene.stands)
    same = " ".join(typed.split()).casefold() == " ".join(name.split()).casefold()
    refusal = why_not_enough(emergency, scene.invocation(Identified.BY_CHANNEL))
    return refusal or (None if same else WRONG_NAME)


async def _prove(desk: Desk, scene: Scene, clicked: Click) -> Answer:
    """With their own token the decision is theirs; where none can be had, the glass can only call for somebody."""
    sign_in = desk.sign_in
    if sign_in is None:
        return await _escalate(desk, scene, clicked)
    if clicked.assertion is None:
        url = await sign_in.page_for(scene.prompt.id, clicked.account, Verb.BREAK)
        return ShowCard(scene.card(sign_in_url=url)) if clicked.place is Place.CHANNEL else AskForToken(url)
    try:
        token = await sign_in.on_behalf_of(clicked.assertion, clicked.account)
    except SignInFailed as error:
        if error.trouble is SignInTrouble.MORE_PROOF:
            url = await sign_in.page_for(scene.prompt.id, clicked.account, Verb.BREAK, error.claims)
            return ShowCard(scene.card(why_not_signed_in(error), url))
        return ShowCard(scene.card(why_not_signed_in(error)))
    except (Unavailable, Throttled) as error:
        log.warning("no_token_for_break_glass", request_id=scene.request.id, error=str(error))
        return await _escalate(desk, scene, clicked)
    settled = await _break(desk, scene, Identified.BY_TOKEN, clicked.button.witness, clicked.once)
    said = await _say(desk, settled, token)
    alone = await execute(desk, settled.request, clicked.assertion) if _is_new(settled) else ""
    return await _show(desk, scene, settled, f"{said} {alone}".strip())


async def _escalate(desk: Desk, scene: Scene, clicked: Click) -> Answer:
    settled = await _break(desk, scene, Identified.BY_CHANNEL, clicked.button.witness, clicked.once)
    return await _show(desk, scene, settled, await _say(desk, settled, None))


async def _break(desk: Desk, scene: Scene, identified: Identified, witness: str, once: Once | None) -> Settled:
    async def decide(request: Request, now: datetime) -> Outcome:
        return break_glass(request, scene.emergency, scene.invocation(identified), witness[:WITNESS_DIGITS], now)

    settled = await settle(desk, scene.request.id, decide, once, scene.stands.person.account)
    if _is_new(settled):
        glass = settled.request.glass[-1]
        log.error("glass_broken", request_id=scene.request.id, way=glass.way, drill=glass.drill)
    return settled


def _is_new(settled: Settled) -> bool:
    return settled.stored is Stored.SAVED and settled.outcome.refusal is None


async def _audit_refusal(desk: Desk, scene: Scene, refusal: Refusal) -> None:
    """What somebody tried and could not is recorded as well."""

    async def decide(request: Request, now: datetime) -> Outcome:
        return Change(request, now).refuse(refusal, scene.stands.person, Identified.BY_CHANNEL)

    await settle(desk, scene.request.id, decide, None, scene.stands.person.account)


async def _say(desk: Desk, settled: Settled, token: UserToken | None) -> str:
    """What came of it. Where they decided it, Intune is told at once with the token that they brought."""
    if settled.notice:
        return settled.notice
    if settled.stored is not Stored.SAVED:
        return "Nothing was done. Please begin again."
    glass = settled.request.glass[-1]
    if glass.drill:
        return "Drill: everybody is told so, and a review is open. Nothing was done."
    if glass.way is Way.ESCALATED:
        return f"The glass is broken. {why_only_escalated(settled.request, glass)} Those on call are asked now."
    if token is None or settled.request.drill:
        return "The glass is broken."
    return f"The glass is broken. {await _carry(desk, settled.request, glass, token)}"


async def _carry(desk: Desk, request: Request, glass: Glass, token: UserToken) -> str:
    try:
        return await carrying.finish(
            desk, request.id, carrying.Signer(glass.invoker.account, glass.invoker.name, token)
        )
    except PortError as error:
        return why_not_signed_in(error)


async def _show(desk: Desk, scene: Scene, settled: Settled, notice: str) -> Answer:
    request = await desk.requests.load(settled.request.id) or settled.request
    if settled.outcome.refusal:
        return ShowCard(glass_card.over(notice))
    stands = await gather.standing(desk, request, scene.stands.person.account, scene.stands.person.name)
    return ShowCard(await views.own_card(desk, request, stands, "", notice))
