"""Clicks on cards: from the verb that was pressed to the card that the person sees next."""

from contextlib import suppress
from dataclasses import dataclass
from typing import assert_never

import structlog

from approvals.request import Request
from cards.actions import OnRequest, Verb, stamped
from cards.view import View
from handlers.deciding.finishing import Finishing
from handlers.deciding.own_cards import OwnCards
from handlers.deciding.ruled import RuledClicks
from handlers.deciding.scene import Scene
from handlers.deciding.voting import Voting
from handlers.emergency.breaking import BreakingGlass
from handlers.emergency.prompting import Prompting
from handlers.emergency.reviewing import Reviewing
from handlers.gathering.readers import UNKNOWN_REQUEST, Readers
from handlers.incoming.clicks import Answer, Click, Say, ShowCard
from handlers.ordering.asking import Asking
from handlers.ports.errors import PortError
from handlers.ports.requests import Requests
from handlers.showing.attempts import Attempts
from handlers.showing.views import Views
from handlers.storing.addresses import Addresses

NO_ANSWER = (
    "Something that this needs cannot be reached right now. It is not certain whether your click was stored. Please "
    "try again in a minute: nothing counts twice."
)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class RequestClicks:
    """Runs the flow of each verb on the card of a request."""

    own_cards: OwnCards
    voting: Voting
    ruled: RuledClicks
    finishing: Finishing
    prompting: Prompting
    reviewing: Reviewing

    async def act(self, scene: Scene, verb: OnRequest) -> Answer:  # noqa: C901, PLR0911  one case for each kind
        """Do what was clicked."""
        match verb:
            case Verb.REFRESH | Verb.BACK:
                return await self.own_cards.refresh(scene)
            case Verb.DETAILS:
                return await self.own_cards.show_details(scene)
            case Verb.APPROVE | Verb.REJECT:
                return await self.voting.second_step(scene, verb)
            case Verb.CONFIRM_APPROVE | Verb.CONFIRM_REJECT:
                return await self.voting.confirm(scene, verb)
            case Verb.WITHDRAW | Verb.CANCEL | Verb.CLAIM | Verb.MAKE_URGENT:
                return await self.ruled.act(scene, verb)
            case Verb.URGENT:
                return await self.ruled.open_urgent(scene)
            case Verb.FINISH:
                return await self.finishing.finish(scene)
            case Verb.CANCEL_APPROVAL:
                return await self.finishing.cancel_approval(scene)
            case Verb.GLASS:
                person = scene.eligibility.person
                return ShowCard(await self.prompting.begin(scene.request, person.account, person.name))
            case Verb.SHOW_REVIEW | Verb.REVIEW | Verb.JUSTIFIED | Verb.NOT_JUSTIFIED:
                return await self.reviewing.click(scene.clicked, verb, scene.request, scene.eligibility)
            case _:
                assert_never(verb)


@dataclass(frozen=True, slots=True)
class Clicks:
    """Entry point of every click: on a draft, on a prompt, or on a request that the person may read."""

    requests: Requests
    addresses: Addresses
    attempts: Attempts
    readers: Readers
    asking: Asking
    breaking_glass: BreakingGlass
    on_request: RequestClicks
    views: Views

    async def click(self, clicked: Click) -> Answer:
        """Do what was clicked and return the person's own card, with a refusal on top if there is one.

        It replaces the view that was clicked, so its buttons belong to the same posted card.
        """
        answer = await self._answer(clicked)
        return ShowCard(stamped(answer.card, clicked.button.attempt)) if isinstance(answer, ShowCard) else answer

    async def _answer(self, clicked: Click) -> Answer:
        verb = clicked.button.verb
        try:
            await self.addresses.keep(clicked)
            match verb:
                case Verb.CONTINUE | Verb.CHOOSE | Verb.ASK | Verb.DROP:
                    return await self.asking.click(clicked, verb)
                case Verb.BREAK | Verb.PAGE | Verb.LEAVE:
                    return await self.breaking_glass.click(clicked, verb)
                case _:
                    request = await self.requests.load(clicked.button.request_id)
        except PortError as error:
            log.warning("click_met_trouble", request_id=clicked.button.request_id, error=str(error))
            return Say(NO_ANSWER)
        return await self._on(clicked, verb, request)

    async def _on(self, clicked: Click, verb: OnRequest, request: Request | None) -> Answer:
        """Act for a person who may read the request; for anybody else there is no such request."""
        is_reader = False
        try:
            if request is not None:
                await self.attempts.adopt(request, clicked)
            eligibility = await self.readers.reader(request, clicked.account, clicked.name, clicked.conversation)
            if request is None or eligibility is None:
                return Say(UNKNOWN_REQUEST)
            is_reader = True
            return await self.on_request.act(Scene(clicked, request, eligibility), verb)
        except PortError as error:
            log.warning("click_met_trouble", request_id=clicked.button.request_id, verb=verb, error=str(error))
            return await self._no_answer(clicked, request, is_reader=is_reader)

    async def _no_answer(self, clicked: Click, request: Request | None, *, is_reader: bool) -> Answer:
        """Return the apology: on the card if the person may read it, otherwise without it."""
        with suppress(PortError):
            account, conversation = clicked.account, clicked.conversation
            if request and (is_reader or await self.readers.reads_anyway(request, account, conversation)):
                return ShowCard(self.views.drawn(request, View(notice=NO_ANSWER)))
        return Say(NO_ANSWER)
