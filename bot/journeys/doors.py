"""The entry points: clicks, messages, installations, due effects, polls."""

from functools import cached_property

from bot.journeys.people import PeopleJourneys
from handlers.answers.auditing import Auditing
from handlers.answers.braking import Braking
from handlers.answers.commands import Commands
from handlers.answers.coverage import Coverages
from handlers.answers.covering import Covering
from handlers.answers.delegating import Delegating
from handlers.answers.glass_command import GlassCommand
from handlers.answers.privately import Privately
from handlers.answers.questions import Questions
from handlers.answers.rechecking import Rechecking
from handlers.click import Clicks, RequestClicks
from handlers.deciding.finishing import Finishing
from handlers.deciding.own_cards import OwnCards
from handlers.deciding.ruled import RuledClicks
from handlers.deciding.signed import Signed
from handlers.deciding.signing import SigningClicks
from handlers.deciding.voting import Voting
from handlers.gathering.mentioned import Mentioned
from handlers.installed import Installing
from handlers.message import Messages
from handlers.perform import Effects, LadderEffects, OrderEffects, PeopleEffects, RequestEffects


class Journeys(PeopleJourneys):
    """The entry points: clicks, messages, installations, due effects, polls."""

    @cached_property
    def order_effects(self) -> OrderEffects:
        return OrderEffects(self.filing_orders, self.completing, self.dropping, self.tracking, self.acting_alone)

    @cached_property
    def ladder_effects(self) -> LadderEffects:
        return LadderEffects(self.climbing, self.reminding, self.reviewing)

    @cached_property
    def people_effects(self) -> PeopleEffects:
        return PeopleEffects(self.thread, self.alarming)

    @cached_property
    def request_effects(self) -> RequestEffects:
        return RequestEffects(self.posting, self.awaiting, self.order_effects, self.ladder_effects, self.people_effects)

    @cached_property
    def effects(self) -> Effects:
        return Effects(
            self._ports.requests, self.delivering, self.alarming, self.recovering, self.rechecking, self.request_effects
        )

    @cached_property
    def request_clicks(self) -> RequestClicks:
        return RequestClicks(
            self.own_cards, self.voting, self.ruled_clicks, self.finishing, self.prompting, self.reviewing
        )

    @cached_property
    def clicks(self) -> Clicks:
        return Clicks(
            self._ports.requests,
            self.addresses,
            self.attempts,
            self.readers,
            self.asking,
            self.breaking_glass,
            self.request_clicks,
            self.views,
        )

    @cached_property
    def finishing(self) -> Finishing:
        return Finishing(self._ports.requests, self.pushing, self.signing_clicks, self.own_cards)

    @cached_property
    def own_cards(self) -> OwnCards:
        return OwnCards(self.latest, self.views, self.details, self._ports.sign_in)

    @cached_property
    def ruled_clicks(self) -> RuledClicks:
        return RuledClicks(self.commits, self.own_cards)

    @cached_property
    def signed(self) -> Signed:
        return Signed(self._ports.requests, self._ports.directory, self.asking, self.breaking_glass, self.carrying)

    @cached_property
    def signing_clicks(self) -> SigningClicks:
        return SigningClicks(self._ports.requests, self._ports.sign_in, self.carrying, self.signed, self.own_cards)

    @cached_property
    def voting(self) -> Voting:
        return Voting(
            self._ports.clock,
            self._ports.requests,
            self.commits,
            self.eligibilities,
            self.signing_clicks,
            self.own_cards,
        )

    @cached_property
    def auditing(self) -> Auditing:
        return Auditing(self._ports.requests, self._ports.book, self.refusals, self.eligibilities)

    @cached_property
    def braking(self) -> Braking:
        return Braking(self._ports.clock, self._ports.brakes, self.refusals)

    @cached_property
    def glass_command(self) -> GlassCommand:
        return GlassCommand(self._ports.requests, self.drafting, self.prompting)

    @cached_property
    def commands(self) -> Commands:
        return Commands(
            self.questions,
            self.drafting,
            self.glass_command,
            self.braking,
            self.review_list,
            self.covering,
            self.auditing,
            self.delegating,
        )

    @cached_property
    def coverages(self) -> Coverages:
        return Coverages(self._ports.clock, self._ports.directory, self.policy, self.availability)

    @cached_property
    def covering(self) -> Covering:
        return Covering(
            self._ports.chat, self._ports.memory, self._ports.operations_channel, self.refusals, self.coverages
        )

    @cached_property
    def delegating(self) -> Delegating:
        return Delegating(
            self._ports.clock,
            self._ports.requests,
            self._ports.directory,
            self._ports.memory,
            self.policy,
            self.refusals,
            Mentioned(self._ports.chat, self._ports.conversations),
        )

    @cached_property
    def installing(self) -> Installing:
        return Installing(self._ports.chat, self._ports.conversations, self.policy, self.catching_up)

    @cached_property
    def privately(self) -> Privately:
        return Privately(self._ports.clock, self._ports.chat, self._ports.memory)

    @cached_property
    def messages(self) -> Messages:
        return Messages(self.privately, self._ports.conversations, self._ports.memory, self.addresses, self.commands)

    @cached_property
    def questions(self) -> Questions:
        return Questions(
            self._ports.requests, self._ports.directory, self.policy, self.commits, self.readers, self.views
        )

    @cached_property
    def rechecking(self) -> Rechecking:
        return Rechecking(self._ports.clock, self._ports.requests, self._ports.outbox, self._ports.brakes)
