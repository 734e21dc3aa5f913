"""Clicks that need the person's own token: use the one that Teams brought, or offer a way to sign in."""

from dataclasses import dataclass

from approvals.audit import Identified
from approvals.request import Request
from cards.actions import Verb
from handlers.carrying.carrying import Carrying, Signer
from handlers.carrying.troubles import sign_in_problem, why_not_signed_in
from handlers.deciding.own_cards import OwnCards
from handlers.deciding.scene import Scene
from handlers.deciding.signed import SignableVerb, Signed
from handlers.incoming.clicks import Answer, AskForToken, Scope
from handlers.ports.errors import PortError, SignInFailed, SignInTrouble
from handlers.ports.requests import Requests
from handlers.ports.sign_in import SignIn

DECIDE_IN_INTUNE = "Countersign takes no decisions to Intune here. Please do this in Intune."


@dataclass(frozen=True, slots=True)
class SigningClicks:
    """Has people sign in for clicks that need it."""

    requests: Requests
    sign_in: SignIn | None
    carrying: Carrying
    signed: Signed
    own_cards: OwnCards

    async def act(self, scene: Scene, request: Request, verb: SignableVerb) -> Answer:
        """Do what needs the person's own token with the one that came with the click, or ask for it."""
        clicked, sign_in = scene.clicked, self.sign_in
        if sign_in is None:
            return await self.own_cards.show(scene, request, DECIDE_IN_INTUNE)
        if clicked.assertion is None:
            return await self._ask_to_sign_in(scene, request, sign_in, verb)
        try:
            token = await sign_in.on_behalf_of(clicked.assertion, clicked.account)
        except PortError as error:
            person, problem = scene.eligibility.person, sign_in_problem(error)
            await self.carrying.report_no_token(request.id, person, Identified.BY_CHANNEL, problem)
            return await self._not_signed_in(scene, request, sign_in, verb, error)
        signer = Signer(clicked.account, scene.eligibility.person.name, token, clicked.note, clicked.button.fingerprint)
        try:
            notice = await self.signed.act(verb, request.id, signer)
        except SignInFailed as error:
            return await self._not_signed_in(scene, request, sign_in, verb, error)
        return await self.own_cards.show(scene, await self.requests.load(request.id) or request, notice)

    async def _ask_to_sign_in(self, scene: Scene, request: Request, sign_in: SignIn, verb: Verb) -> Answer:
        """Silently where Teams can, with a button on their card where it cannot: in channels."""
        url = await sign_in.page_for(
            request.id, scene.clicked.account, verb, fingerprint=scene.clicked.button.fingerprint
        )
        if scene.clicked.scope is Scope.CHANNEL:
            return await self.own_cards.show(scene, request, sign_in_url=url)
        return AskForToken(url)

    async def _not_signed_in(
        self, scene: Scene, request: Request, sign_in: SignIn, verb: Verb, error: PortError
    ) -> Answer:
        """Return the card with the reason; if more proof is wanted, with the link to give it."""
        url = ""
        if isinstance(error, SignInFailed) and error.trouble is SignInTrouble.MORE_PROOF:
            url = await sign_in.page_for(
                request.id, scene.clicked.account, verb, error.claims, fingerprint=scene.clicked.button.fingerprint
            )
        return await self.own_cards.show(
            scene, await self.requests.load(request.id) or request, why_not_signed_in(error), url
        )
