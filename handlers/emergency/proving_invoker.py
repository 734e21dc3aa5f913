"""Have the person who breaks the glass prove who they are, with Teams' token or on the sign-in page.

With their own token the decision is theirs. If none can be obtained, the glass can only call for somebody else.
"""

from dataclasses import dataclass

import structlog

from cards.actions import Verb
from handlers.carrying.troubles import why_not_signed_in
from handlers.emergency.broken_cards import BrokenCards
from handlers.emergency.glass_breaker import GlassBreaker
from handlers.emergency.prompt_scenes import PromptScene
from handlers.incoming.clicks import Answer, AskForToken, Click, Scope, ShowCard
from handlers.ports.errors import SignInFailed, SignInTrouble, Throttled, Unavailable
from handlers.ports.requests import IdempotencyKey
from handlers.ports.sign_in import SignIn

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class ProvingInvoker:
    """Breaks the glass once its invoker is proved. Without `sign_in` nobody can prove it here."""

    sign_in: SignIn | None
    breaker: GlassBreaker
    cards: BrokenCards

    async def prove(self, scene: PromptScene, clicked: Click) -> Answer:
        """Break the glass with the token of this click, or ask for one; if none can be obtained, go on without."""
        sign_in = self.sign_in
        if sign_in is None:
            return await self.go_without(scene, clicked.once)
        if clicked.assertion is None:
            url = await sign_in.page_for(scene.prompt.id, clicked.account, Verb.BREAK)
            return ShowCard(scene.card(sign_in_url=url)) if clicked.scope is Scope.CHANNEL else AskForToken(url)
        try:
            token = await sign_in.on_behalf_of(clicked.assertion, clicked.account)
        except SignInFailed as error:
            claims = error.claims if error.trouble is SignInTrouble.MORE_PROOF else ""
            url = await sign_in.page_for(scene.prompt.id, clicked.account, Verb.BREAK, claims)
            return ShowCard(scene.card(why_not_signed_in(error), url))
        except (Unavailable, Throttled) as error:
            log.warning("no_token_for_break_glass", request_id=scene.request.id, error=str(error))
            return await self.go_without(scene, clicked.once)
        return await self.cards.show(
            scene, await self.breaker.break_glass(scene, token, clicked.assertion, clicked.once)
        )

    async def go_without(self, scene: PromptScene, once: IdempotencyKey) -> Answer:
        """Break the glass without a token: those on call are asked."""
        return await self.cards.show(scene, await self.breaker.break_glass(scene, None, None, once))
