"""Asking for an operation in chat: from words to one target, to what is at stake, to a request that waits for approval.

Nothing is sent to Intune here. A draft belongs to who began it and serves once: its id becomes the request's.
"""

from dataclasses import dataclass, replace
from typing import assert_never

from approvals.asking import DRAFT_TIME, Draft, why_wrong_name
from approvals.request import Request
from cards import drafting, words
from cards.actions import OnDraft, Verb, stamped
from cards.refusals import refusal_sentence
from handlers.clicks import Answer, AskForToken, Click, Place, ShowCard
from handlers.emergency.acting_alone import ActingAlone
from handlers.ordering.askers import NOT_SET_UP
from handlers.ordering.confirmation import Confirmation
from handlers.ordering.drafting import Drafting, filled_in
from handlers.ordering.opening import CHANGED, Opening
from handlers.ports.clock import Clock
from handlers.ports.drafts import Drafts
from handlers.ports.errors import SignInFailed, Unreachable
from handlers.ports.places import chat_of
from handlers.ports.requests import Requests
from handlers.ports.sign_in import SignIn
from handlers.ports.teams import Card, Chat
from handlers.showing.attempts import Attempts
from handlers.showing.latest import Latest
from handlers.showing.views import Views
from handlers.voting.troubles import why_not_signed_in

OVER = "This has been open for too long, or was closed. Nothing was asked for; please write the command again."


NOT_YOURS = "Only the person who began this can go on with it."


DROPPED = "Dropped. Nothing was asked for."


CONTINUED = "It goes on in our chat, where you need not sign in."


NO_CHAT = "There is no chat between us yet. Add Countersign for yourself in Teams, or sign in here."


@dataclass(frozen=True, slots=True)
class Asking:
    """What an author does with a draft."""

    clock: Clock
    requests: Requests
    chat: Chat
    sign_in: SignIn | None
    drafts: Drafts[Draft]
    latest: Latest
    views: Views
    attempts: Attempts
    confirmation: Confirmation
    drafting: Drafting
    opening: Opening
    acting_alone: ActingAlone

    async def click(self, clicked: Click, verb: OnDraft) -> Answer:
        """A click on a card of a draft."""
        draft = await self.drafts.load(clicked.button.request_id)
        now = await self.clock.now()
        if draft is None or now >= draft.began_at + DRAFT_TIME:
            return ShowCard(drafting.over(OVER))
        existing = await self.requests.load(draft.id)
        if clicked.account != draft.author.account:
            # Nobody else learns that it became a request.
            return ShowCard(drafting.over(OVER if existing else NOT_YOURS))
        if existing:
            return ShowCard(drafting.asked(existing))
        match verb:
            case Verb.CHOOSE:
                return ShowCard(await self.drafting.choose(draft, clicked.inputs.get("choice", "")))
            case Verb.ASK:
                return await self._confirm(draft, clicked)
            case Verb.CONTINUE:
                return ShowCard(await self._continue_in_chat(draft))
            case Verb.DROP:
                await self.drafts.save(replace(draft, began_at=now - DRAFT_TIME))
                return ShowCard(drafting.over(DROPPED))
            case _:
                assert_never(verb)

    async def signed_in(self, draft_id: str, account: str, proof: str) -> str:
        """What happens when the author comes back from the sign-in page; the sentence is for that page.

        `proof` is their own signed token, for the emergency process.
        """
        draft = await self.drafts.load(draft_id)
        now = await self.clock.now()
        if (
            draft is None
            or now >= draft.began_at + DRAFT_TIME
            or account != draft.author.account
            or not draft.confirmed
        ):
            return OVER
        made = await self.opening.ask(draft, None)
        if isinstance(made, str):
            return made
        if draft.emergency:
            return f"{words.title_of(made)} ({made.id}): {await self._emergency(made, account, proof)}"
        return f"Asked for approval: {words.title_of(made)} ({made.id})."

    async def _emergency(self, made: Request, account: str, proof: str) -> str:
        if made.drill:
            return "Drill: everybody is told so, and a review is open. Nothing was done."
        said = await self.acting_alone.execute(made, account, proof)
        return f"The glass is broken, and those on call are asked. {said}".strip()

    async def _confirm(self, draft: Draft, clicked: Click) -> Answer:
        """Everything that was typed is checked; then the author proves who they are; then it is asked for."""
        filled = filled_in(draft, clicked.inputs)
        if draft.subject is None or not draft.subject.digest().startswith(clicked.button.witness or "-"):
            return ShowCard(await self.drafting.proposal_card(filled, CHANGED))
        typed = clicked.inputs.get("name", "")
        if wrong := self.confirmation.why_not_filled(filled) or why_wrong_name(filled, typed):
            await self.drafts.save(filled)
            return ShowCard(self.confirmation.card(filled, refusal_sentence(wrong)))
        confirmed = replace(filled, confirmed=True)
        await self.drafts.save(confirmed)
        return await self._prove(confirmed, clicked)

    async def _prove(self, draft: Draft, clicked: Click) -> Answer:
        sign_in = self.sign_in
        if sign_in is None:
            return ShowCard(drafting.over(NOT_SET_UP))
        if clicked.assertion is None:
            url = await sign_in.page_for(draft.id, clicked.account, Verb.ASK)
            if clicked.place is Place.CHANNEL:
                return ShowCard(self.confirmation.card(draft, sign_in_url=url))
            return AskForToken(url)
        try:
            await sign_in.prove(clicked.assertion, clicked.account)
        except SignInFailed as error:
            return ShowCard(self.confirmation.card(draft, why_not_signed_in(error)))
        await self.attempts.become(draft, clicked)
        made = await self.opening.ask(draft, clicked.once)
        if isinstance(made, str):
            return ShowCard(await self.drafting.proposal_card(draft, made))
        return ShowCard(await self._asked_card(draft, made, clicked))

    async def _asked_card(self, draft: Draft, made: Request, clicked: Click) -> Card:
        """What was asked for, as its author sees it; in an emergency it may have been done alone by then."""
        if draft.emergency:
            await self.acting_alone.execute(made, clicked.account, clicked.assertion)
            made = await self.requests.load(made.id) or made
        if clicked.place is Place.PERSONAL:
            here = chat_of(clicked.account)
            card = await self.latest.shown(made, lambda current: self.views.base_card(current, here))
            return stamped(card, draft.id)
        return drafting.asked(made)

    async def _continue_in_chat(self, draft: Draft) -> Card:
        """The same draft in the 1:1 chat, where Teams signs people in silently."""
        card = await self.drafting.proposal_card(draft)
        try:
            await self.chat.post(chat_of(draft.author.account), card, f"{draft.act.value.capitalize()} {draft.words}")
        except Unreachable:
            return self.confirmation.card(draft, NO_CHAT)
        return drafting.over(CONTINUED)
