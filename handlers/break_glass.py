"""Breaking the glass: the prompt, the proof of who it is, and what then happens at once."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from approvals.alone import may_be_done_alone
from approvals.audit import Identified
from approvals.break_glass import (
    PROMPT_TIME,
    SWITCHED_OFF,
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
from approvals.outcome import Reason, Refusal
from approvals.people import Person
from approvals.request import Request
from approvals.sighting import Standing
from cards import glass_card
from cards.actions import Verb, witness_of
from handlers import carrying, gather, latest, views
from handlers.alone import execute
from handlers.clicks import Answer, AskForToken, Click, Place, ShowCard
from handlers.commits import Committed, commit
from handlers.desk import Desk, new_request_id
from handlers.ports.errors import PortError, SignInFailed, SignInTrouble, Throttled, Unavailable
from handlers.ports.requests import Once, Stored
from handlers.ports.sign_in import UserToken
from handlers.ports.teams import Card
from handlers.refusals import record
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
    alone: bool

    @property
    def way(self) -> Way:
        """What it would do if they sign in."""
        people = self.emergency.people_behind(self.stands.person) if self.emergency else ()
        way = way_for(self.request, people, self.invocation(Identified.BY_TOKEN))
        return Way.EXECUTED if way is Way.ESCALATED and self.alone else way

    def invocation(self, identified: Identified) -> Invocation:
        """What is asked of the rules."""
        asked = self.prompt
        return Invocation(self.stands, identified, asked.why, asked.ticket, asked.acting, asked.drill, self.locked)

    def card(self, notice: str = "", sign_in_url: str = "") -> Card:
        """The prompt as it is now, with what breaking the glass would do."""
        account = self.emergency.account_of(self.stands.person.account) if self.emergency else None
        return glass_card.prompt(
            self.prompt,
            self.request,
            account,
            self.way,
            ticket=bool(self.emergency and self.emergency.ticket),
            notice=notice,
            sign_in_url=sign_in_url,
        )


async def begin(desk: Desk, request: Request, account: str, name: str, *, drill: bool = False) -> Card:
    """The prompt, or why this person gets none; that is recorded."""
    now = await desk.clock.now()
    prompt = Prompt(new_request_id(now), request.id, Person(account, name, frozenset({account})), now, drill)
    scene = await _scene(desk, prompt, request)
    refusal = why_not_invoke(scene.emergency, scene.stands) or why_not_break(request, witness_of(request), now)
    if refusal:
        await _record(desk, scene, refusal, Identified.BY_CHANNEL)
        return glass_card.over(refusal.sentence)
    await desk.prompts.save(prompt)
    return scene.card()


async def why_nowhere(desk: Desk, account: str, name: str) -> str:
    """Return why this person may not break glass at all, and record it; empty if they may.

    They are told the same of what is not known here as of every request, so that they learn of none.
    """
    emergency = desk.book.emergency
    stands = await gather.standing_in(desk, account, name, emergency.group_ids if emergency else ())
    refusal = why_not_invoke(emergency, stands)
    return await record(desk, stands.person, refusal.sentence, reason=refusal.reason) if refusal else ""


async def click(desk: Desk, clicked: Click) -> Answer:
    """A click on a prompt."""
    prompt = await desk.prompts.load(clicked.button.request_id)
    now = await desk.clock.now()
    if prompt is None or now >= prompt.began_at + PROMPT_TIME:
        return ShowCard(glass_card.over(OVER))
    if clicked.account != prompt.invoker.account:
        return ShowCard(glass_card.over(NOT_YOURS))
    request = await desk.requests.load(prompt.request_id)
    if request is None:
        return ShowCard(glass_card.over(GONE))
    match clicked.button.verb:
        case Verb.LEAVE:
            await desk.prompts.save(replace(prompt, began_at=now - PROMPT_TIME))
            return ShowCard(glass_card.over(LEFT))
        case Verb.PAGE:
            return await _page(desk, prompt, request, clicked.once)
        case _:
            return await _confirm(desk, await _scene(desk, _filled(prompt, clicked), request), clicked)


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
    committed = await _break(desk, await _scene(desk, prompt, request), Identified.BY_TOKEN, None)
    return await _tell(desk, committed, token, token.proof)


async def is_locked(desk: Desk, people: Iterable[Person], now: datetime) -> bool:
    """Whether a review of something that one of these people had a part in is overdue."""
    behind = list(people)
    for request in await desk.requests.open():
        review = request.review
        if review is not None and review.is_overdue(now) and any(map(review.has_part, behind)):
            return True
    return False


async def check_typed(desk: Desk, prompt: Prompt, request: Request, typed: str) -> Refusal | None:
    """What is wrong with what somebody filled in who is signed in, and may break glass; `typed` is the name. It is
    recorded."""
    return await _check_typed(desk, await _scene(desk, prompt, request), typed, Identified.BY_TOKEN)


async def _check_typed(desk: Desk, scene: Scene, typed: str, identified: Identified) -> Refusal | None:
    name = scene.request.subject.target
    same = " ".join(typed.split()).casefold() == " ".join(name.split()).casefold()
    if scene.emergency is None:
        refusal: Refusal | None = SWITCHED_OFF
    else:
        refusal = (
            why_not_invoke(scene.emergency, scene.stands)
            or why_not_break(scene.request, scene.prompt.witness, await desk.clock.now())
            or why_not_enough(scene.emergency, scene.invocation(identified))
            or (None if same else WRONG_NAME)
        )
    if refusal:
        await _record(desk, scene, refusal, identified)
    return refusal


async def _scene(desk: Desk, prompt: Prompt, request: Request) -> Scene:
    emergency = desk.book.emergency
    groups = emergency.group_ids if emergency else frozenset[str]()
    stands = await gather.standing_in(desk, prompt.invoker.account, prompt.invoker.name, groups)
    people = emergency.people_behind(stands.person) if emergency else ()
    now = await desk.clock.now()
    locked = await is_locked(desk, people, now)
    alone = desk.alone is not None and may_be_done_alone(request, now) and not locked
    return Scene(prompt, request, emergency, stands, locked, alone)


def _filled(prompt: Prompt, clicked: Click) -> Prompt:
    return replace(
        prompt,
        why=clicked.inputs.get("why", ""),
        ticket=clicked.inputs.get("ticket", "").strip(),
        acting=clicked.inputs.get("acting", ""),
        witness=clicked.button.witness,
    )


async def _confirm(desk: Desk, scene: Scene, clicked: Click) -> Answer:
    """Everything that was typed is checked; then they prove who they are; then the glass is broken."""
    refusal = await _check_typed(desk, scene, clicked.inputs.get("name", ""), Identified.BY_CHANNEL)
    confirmed = replace(scene, prompt=replace(scene.prompt, confirmed=refusal is None))
    await desk.prompts.save(confirmed.prompt)
    return ShowCard(confirmed.card(refusal.sentence)) if refusal else await _prove(desk, confirmed, clicked)


async def _prove(desk: Desk, scene: Scene, clicked: Click) -> Answer:
    """With their own token the decision is theirs; where none can be had, the glass can only call for somebody."""
    sign_in = desk.sign_in
    if sign_in is None:
        return await _escalate(desk, scene, clicked.once)
    if clicked.assertion is None:
        url = await sign_in.page_for(scene.prompt.id, clicked.account, Verb.BREAK)
        return ShowCard(scene.card(sign_in_url=url)) if clicked.place is Place.CHANNEL else AskForToken(url)
    try:
        token = await sign_in.on_behalf_of(clicked.assertion, clicked.account)
    except SignInFailed as error:
        claims = error.claims if error.trouble is SignInTrouble.MORE_PROOF else ""
        url = await sign_in.page_for(scene.prompt.id, clicked.account, Verb.BREAK, claims)
        return ShowCard(scene.card(why_not_signed_in(error), url))
    except (Unavailable, Throttled) as error:
        log.warning("no_token_for_break_glass", request_id=scene.request.id, error=str(error))
        return await _escalate(desk, scene, clicked.once)
    committed = await _break(desk, scene, Identified.BY_TOKEN, clicked.once)
    return await _show(desk, scene, committed, await _tell(desk, committed, token, clicked.assertion))


async def _page(desk: Desk, prompt: Prompt, request: Request, once: Once) -> Answer:
    """They cannot sign in, and everything that they typed was good: those on call are asked all the same."""
    if not prompt.confirmed:
        return ShowCard(glass_card.over(OVER))
    return await _escalate(desk, await _scene(desk, prompt, request), once)


async def _escalate(desk: Desk, scene: Scene, once: Once) -> Answer:
    committed = await _break(desk, scene, Identified.BY_CHANNEL, once)
    return await _show(desk, scene, committed, await _tell(desk, committed, None, None))


async def _break(desk: Desk, scene: Scene, identified: Identified, once: Once | None) -> Committed:
    invocation, witness = scene.invocation(identified), scene.prompt.witness
    committed = await commit(
        desk,
        scene.request.id,
        lambda request, now: break_glass(request, scene.emergency, invocation, witness, now),
        once,
        scene.stands.person.account,
    )
    if _is_new(committed):
        glass = committed.request.glass[-1]
        log.error("glass_broken", request_id=scene.request.id, way=glass.way, drill=glass.drill)
    return committed


def _is_new(committed: Committed) -> bool:
    return committed.stored is Stored.SAVED and committed.outcome.refusal is None


async def _record(desk: Desk, scene: Scene, refusal: Refusal, identified: Identified) -> None:
    """What somebody tried and could not is recorded as well."""
    person = scene.stands.person
    await commit(
        desk,
        scene.request.id,
        lambda request, now: Change(request, now).refuse(refusal, person, identified),
        person=person.account,
    )


async def _tell(desk: Desk, committed: Committed, token: UserToken | None, proof: str | None) -> str:
    """What came of it. Where they decided it, Intune is told at once with the token that they brought; where they could
    not, the separate emergency process may do it, which checks their `proof` itself."""
    refusal = committed.outcome.refusal
    if refusal and refusal.reason is Reason.BROKEN_ALREADY and token:
        return await execute(desk, committed.request, token.account, proof) or refusal.sentence
    if committed.notice:
        return committed.notice
    if not _is_new(committed):
        return "Nothing was done. Please begin again."
    glass = committed.request.glass[-1]
    if glass.drill or committed.request.drill:
        return "Drill: everybody is told so, and a review is open. Nothing was done."
    if glass.way is Way.ESCALATED:
        line = f"The glass is broken. {why_only_escalated(committed.request, glass)} Those on call are asked now."
        return f"{line} {await execute(desk, committed.request, glass.invoker.account, proof)}".strip()
    if token is None:
        return "The glass is broken."
    return f"The glass is broken. {await _carry(desk, committed.request, glass, token)}"


async def _carry(desk: Desk, request: Request, glass: Glass, token: UserToken) -> str:
    try:
        return await carrying.finish(
            desk, request.id, carrying.Signer(glass.invoker.account, glass.invoker.name, token)
        )
    except PortError as error:
        return why_not_signed_in(error)


async def _show(desk: Desk, scene: Scene, committed: Committed, notice: str) -> Answer:
    request = await desk.requests.load(committed.request.id) or committed.request
    if committed.outcome.refusal:
        return ShowCard(glass_card.over(notice))
    stands = await gather.standing(desk, request, scene.stands.person.account, scene.stands.person.name)
    return ShowCard(
        await latest.shown(desk, request, lambda current: views.own_card(desk, current, stands, "", notice))
    )
