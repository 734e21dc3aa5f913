"""Have the author of a draft prove who they are, with Teams' token or on the sign-in page."""

from dataclasses import dataclass

from approvals.asking import Draft
from cards import drafting
from cards.actions import Verb
from handlers.carrying.troubles import why_not_signed_in
from handlers.incoming.clicks import Answer, AskForToken, Click, Scope, ShowCard
from handlers.ordering.askers import NOT_SET_UP
from handlers.ordering.confirmation import Confirmation
from handlers.ordering.placing import Placing
from handlers.ports.errors import SignInFailed
from handlers.ports.sign_in import SignIn
from handlers.showing.attempts import Attempts


@dataclass(frozen=True, slots=True)
class ProvingAuthor:
    """Places an order once its author is proved. Without `sign_in` nothing can be requested."""

    sign_in: SignIn | None
    attempts: Attempts
    confirmation: Confirmation
    placing: Placing

    async def prove(self, draft: Draft, clicked: Click) -> Answer:
        """Place it with the token of this click, or ask for one: silently where Teams can, else with a button."""
        sign_in = self.sign_in
        if sign_in is None:
            return ShowCard(drafting.over(NOT_SET_UP))
        if clicked.assertion is None:
            url = await sign_in.page_for(draft.id, clicked.account, Verb.ASK)
            if clicked.scope is Scope.CHANNEL:
                return ShowCard(self.confirmation.card(draft, sign_in_url=url))
            return AskForToken(url)
        try:
            await sign_in.prove(clicked.assertion, clicked.account)
        except SignInFailed as error:
            return ShowCard(self.confirmation.card(draft, why_not_signed_in(error)))
        await self.attempts.become(draft, clicked)
        return ShowCard(await self.placing.place_from_click(draft, clicked))
