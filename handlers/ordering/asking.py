"""Continue a draft: by a click of its author, or after the sign-in page.

A draft belongs to its author and serves once: its id becomes the request's.
"""

from dataclasses import dataclass
from typing import assert_never

from approvals.request import Request
from cards import drafting
from cards.actions import OnDraft, Verb
from handlers.incoming.clicks import Answer, Click, ShowCard
from handlers.ordering.confirming import Confirming
from handlers.ordering.continuing import ContinuingInChat
from handlers.ordering.drafting import Drafting
from handlers.ordering.open_drafts import OpenDrafts
from handlers.ordering.placing import Placing

DROPPED = "Dropped. Nothing was asked for."


@dataclass(frozen=True, slots=True)
class Asking:
    """Leads the author of a draft to the request. Nobody else can continue it, and nobody after it expires."""

    open_drafts: OpenDrafts
    drafting: Drafting
    confirming: Confirming
    continuing: ContinuingInChat
    placing: Placing

    async def click(self, clicked: Click, verb: OnDraft) -> Answer:
        """Handle a click on a card of a draft."""
        found = await self.open_drafts.to_go_on(clicked.button.request_id, clicked.account)
        if isinstance(found, str):
            return ShowCard(drafting.over(found))
        if isinstance(found, Request):
            return ShowCard(drafting.asked(found))
        match verb:
            case Verb.CHOOSE:
                return ShowCard(await self.drafting.choose(found, clicked.inputs.get("choice", "")))
            case Verb.ASK:
                return await self.confirming.confirm(found, clicked)
            case Verb.CONTINUE:
                return ShowCard(await self.continuing.go_on(found))
            case Verb.DROP:
                await self.open_drafts.drop(found)
                return ShowCard(drafting.over(DROPPED))
            case _:
                assert_never(verb)

    async def signed_in(self, draft_id: str, account: str, proof: str) -> str:
        """Place the order when its author comes back from the sign-in page; return the sentence for that page.

        `proof` is their own signed token, for the emergency process.
        """
        draft = await self.open_drafts.to_ask(draft_id, account)
        return draft if isinstance(draft, str) else await self.placing.place_from_page(draft, proof)
