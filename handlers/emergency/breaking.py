"""Breaking the glass: the prompt, the proof of who it is, and what then happens at once."""

from dataclasses import dataclass, replace
from typing import assert_never

import structlog

from approvals.audit import Identified
from approvals.break_glass import PROMPT_TIME, Prompt, break_glass, why_only_escalated
from approvals.emergency import Glass, Way
from approvals.refusals import BrokenAlready
from approvals.request import Request
from cards import glass_card
from cards.actions import OnPrompt, Verb
from cards.refusals import refusal_sentence
from handlers.clicks import Answer, AskForToken, Click, Place, ShowCard
from handlers.commits import Commits, Committed
from handlers.emergency.acting_alone import ActingAlone
from handlers.emergency.prompting import GONE, Prompting, Scene
from handlers.gathering.standings import Standings
from handlers.ports.clock import Clock
from handlers.ports.drafts import Drafts
from handlers.ports.errors import PortError, SignInFailed, SignInTrouble, Throttled, Unavailable
from handlers.ports.requests import Once, Requests, Stored
from handlers.ports.sign_in import SignIn, UserToken
from handlers.showing.latest import Latest
from handlers.showing.views import Views
from handlers.voting.carrying import Carrying, Signer
from handlers.voting.troubles import why_not_signed_in

log = structlog.get_logger(__name__)


OVER = "This has been open for too long, or was closed. Nothing was done; please begin again."


NOT_YOURS = "Only the person who began this can go on with it."


LEFT = "Nothing was done."


def _filled(prompt: Prompt, clicked: Click) -> Prompt:
    return replace(
        prompt,
        why=clicked.inputs.get("why", ""),
        ticket=clicked.inputs.get("ticket", "").strip(),
        acting=clicked.inputs.get("acting", ""),
        witness=clicked.button.witness,
    )


def _is_new(committed: Committed) -> bool:
    return committed.stored is Stored.SAVED and committed.outcome.refusal is None


@dataclass(frozen=True, slots=True)
class BreakingGlass:
    """Breaks the glass."""

    clock: Clock
    requests: Requests
    sign_in: SignIn | None
    prompts: Drafts[Prompt]
    commits: Commits
    standings: Standings
    latest: Latest
    views: Views
    prompting: Prompting
    acting_alone: ActingAlone
    carrying: Carrying

    async def click(self, clicked: Click, verb: OnPrompt) -> Answer:
        """A click on a prompt."""
        prompt = await self.prompts.load(clicked.button.request_id)
        now = await self.clock.now()
        if prompt is None or now >= prompt.began_at + PROMPT_TIME:
            return ShowCard(glass_card.over(OVER))
        if clicked.account != prompt.invoker.account:
            return ShowCard(glass_card.over(NOT_YOURS))
        request = await self.requests.load(prompt.request_id)
        if request is None:
            return ShowCard(glass_card.over(GONE))
        match verb:
            case Verb.LEAVE:
                await self.prompts.save(replace(prompt, began_at=now - PROMPT_TIME))
                return ShowCard(glass_card.over(LEFT))
            case Verb.PAGE:
                return await self._page(prompt, request, clicked.once)
            case Verb.BREAK:
                return await self._confirm(await self.prompting.scene(_filled(prompt, clicked), request), clicked)
            case _:
                assert_never(verb)

    async def signed_in(self, prompt_id: str, account: str, token: UserToken) -> str:
        """What happens when they come back from the sign-in page; the sentence is for that page."""
        prompt = await self.prompts.load(prompt_id)
        now = await self.clock.now()
        late = prompt is None or now >= prompt.began_at + PROMPT_TIME
        if prompt is None or late or account != prompt.invoker.account or not prompt.confirmed:
            return OVER
        request = await self.requests.load(prompt.request_id)
        if request is None:
            return GONE
        committed = await self._break(await self.prompting.scene(prompt, request), Identified.BY_TOKEN, None)
        return await self._tell(committed, token, token.proof)

    async def _confirm(self, scene: Scene, clicked: Click) -> Answer:
        """Everything that was typed is checked; then they prove who they are; then the glass is broken."""
        refusal = await self.prompting.check(scene, clicked.inputs.get("name", ""), Identified.BY_CHANNEL)
        confirmed = replace(scene, prompt=replace(scene.prompt, confirmed=refusal is None))
        await self.prompts.save(confirmed.prompt)
        return ShowCard(confirmed.card(refusal_sentence(refusal))) if refusal else await self._prove(confirmed, clicked)

    async def _prove(self, scene: Scene, clicked: Click) -> Answer:
        """With their own token the decision is theirs; where none can be had, the glass can only call for somebody."""
        sign_in = self.sign_in
        if sign_in is None:
            return await self._escalate(scene, clicked.once)
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
            return await self._escalate(scene, clicked.once)
        committed = await self._break(scene, Identified.BY_TOKEN, clicked.once)
        return await self._show(scene, committed, await self._tell(committed, token, clicked.assertion))

    async def _page(self, prompt: Prompt, request: Request, once: Once) -> Answer:
        """They cannot sign in, and everything that they typed was good: those on call are asked all the same."""
        if not prompt.confirmed:
            return ShowCard(glass_card.over(OVER))
        return await self._escalate(await self.prompting.scene(prompt, request), once)

    async def _escalate(self, scene: Scene, once: Once) -> Answer:
        committed = await self._break(scene, Identified.BY_CHANNEL, once)
        return await self._show(scene, committed, await self._tell(committed, None, None))

    async def _break(self, scene: Scene, identified: Identified, once: Once | None) -> Committed:
        invocation, witness = scene.invocation(identified), scene.prompt.witness
        committed = await self.commits.commit(
            scene.request.id,
            lambda request, now: break_glass(request, scene.emergency, invocation, witness, now),
            once,
            scene.stands.person.account,
        )
        if _is_new(committed):
            glass = committed.request.glass[-1]
            log.error("glass_broken", request_id=scene.request.id, way=glass.way, drill=glass.drill)
        return committed

    async def _tell(self, committed: Committed, token: UserToken | None, proof: str | None) -> str:
        """What came of it. Where they decided it, Intune is told at once with the token that they brought; where they
        could not, the separate emergency process may do it, which checks their `proof` itself."""
        refusal = committed.outcome.refusal
        if refusal and isinstance(refusal, BrokenAlready) and token:
            return await self.acting_alone.execute(committed.request, token.account, proof) or refusal_sentence(refusal)
        if committed.notice:
            return committed.notice
        if not _is_new(committed):
            return "Nothing was done. Please begin again."
        glass = committed.request.glass[-1]
        if glass.drill or committed.request.drill:
            return "Drill: everybody is told so, and a review is open. Nothing was done."
        if glass.way is Way.ESCALATED:
            line = f"The glass is broken. {why_only_escalated(committed.request, glass)} Those on call are asked now."
            return f"{line} {await self.acting_alone.execute(committed.request, glass.invoker.account, proof)}".strip()
        if token is None:
            return "The glass is broken."
        return f"The glass is broken. {await self._carry(committed.request, glass, token)}"

    async def _carry(self, request: Request, glass: Glass, token: UserToken) -> str:
        try:
            return await self.carrying.finish(request.id, Signer(glass.invoker.account, glass.invoker.name, token))
        except PortError as error:
            return why_not_signed_in(error)

    async def _show(self, scene: Scene, committed: Committed, notice: str) -> Answer:
        request = await self.requests.load(committed.request.id) or committed.request
        if committed.outcome.refusal:
            return ShowCard(glass_card.over(notice))
        stands = await self.standings.to(request, scene.stands.person.account, scene.stands.person.name)
        return ShowCard(
            await self.latest.shown(request, lambda current: self.views.own_card(current, stands, "", notice))
        )
