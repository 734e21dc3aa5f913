"""The journeys for people: reminders, chat requests, and emergencies."""

from functools import cached_property

from bot.journeys.intune import IntuneJourneys
from handlers.emergency.acting_alone import ActingAlone
from handlers.emergency.aftermath import Aftermath
from handlers.emergency.breaking import BreakingGlass
from handlers.emergency.broken_cards import BrokenCards
from handlers.emergency.glass_breaker import GlassBreaker
from handlers.emergency.open_prompts import OpenPrompts
from handlers.emergency.prompt_checks import PromptChecks
from handlers.emergency.prompt_scenes import PromptScenes
from handlers.emergency.prompting import Prompting
from handlers.emergency.proving_invoker import ProvingInvoker
from handlers.emergency.review_list import ReviewList
from handlers.emergency.reviewing import Reviewing
from handlers.emergency_page.form import EmergencyForm
from handlers.emergency_page.lobby import Lobbies
from handlers.emergency_page.orders import DoorOrders
from handlers.emergency_page.prompts import DoorPrompts
from handlers.ordering.askers import Askers
from handlers.ordering.asking import Asking
from handlers.ordering.confirmation import Confirmation
from handlers.ordering.confirming import Confirming
from handlers.ordering.continuing import ContinuingInChat
from handlers.ordering.drafting import Drafting
from handlers.ordering.filled_orders import FilledOrders
from handlers.ordering.new_drafts import NewDrafts
from handlers.ordering.open_drafts import OpenDrafts
from handlers.ordering.opening import Opening
from handlers.ordering.placed_cards import PlacedCards
from handlers.ordering.placing import Placing
from handlers.ordering.proposal_cards import ProposalCards
from handlers.ordering.proposing import Proposing
from handlers.ordering.proving_author import ProvingAuthor
from handlers.ordering.storing_orders import StoringOrders
from handlers.reminding.alarming import Alarming
from handlers.reminding.delivering import ChannelReminders, Delivering, Sending
from handlers.reminding.gathering import Gathering
from handlers.reminding.mailing import Mailing
from handlers.reminding.reminding import Climbing, Reminding
from handlers.reminding.thread import Thread


class PeopleJourneys(IntuneJourneys):
    """The journeys for people: reminders, chat requests, and emergencies."""

    @cached_property
    def askers(self) -> Askers:
        return Askers(
            self._ports.sign_in, self._ports.room, self._ports.book, self.refusals, self.eligibilities, self.invokers
        )

    @cached_property
    def asking(self) -> Asking:
        return Asking(self.open_drafts, self.drafting, self.confirming, self.continuing, self.placing)

    @cached_property
    def open_drafts(self) -> OpenDrafts:
        return OpenDrafts(self._ports.clock, self._ports.requests, self._ports.drafts)

    @cached_property
    def confirming(self) -> Confirming:
        return Confirming(self._ports.drafts, self.confirmation, self.proposal_cards, self.proving_author)

    @cached_property
    def proving_author(self) -> ProvingAuthor:
        return ProvingAuthor(self._ports.sign_in, self.attempts, self.confirmation, self.placing)

    @cached_property
    def continuing(self) -> ContinuingInChat:
        return ContinuingInChat(self._ports.chat, self.confirmation, self.proposal_cards)

    @cached_property
    def placing(self) -> Placing:
        return Placing(self.opening, self.acting_alone, self.placed_cards, self.proposal_cards)

    @cached_property
    def placed_cards(self) -> PlacedCards:
        return PlacedCards(self._ports.requests, self.latest, self.views)

    @cached_property
    def confirmation(self) -> Confirmation:
        return Confirmation(self._ports.alone, self._ports.book)

    @cached_property
    def new_drafts(self) -> NewDrafts:
        return NewDrafts(self._ports.clock, self._ports.directory, self.askers)

    @cached_property
    def drafting(self) -> Drafting:
        return Drafting(self._ports.drafts, self._ports.orders, self.new_drafts, self.proposal_cards)

    @cached_property
    def proposal_cards(self) -> ProposalCards:
        return ProposalCards(self._ports.drafts, self.proposing, self.confirmation)

    @cached_property
    def filled_orders(self) -> FilledOrders:
        return FilledOrders(self._ports.drafts, self._ports.orders, self.new_drafts, self.proposing, self.confirmation)

    @cached_property
    def opening(self) -> Opening:
        return Opening(self._ports.drafts, self.askers, self.proposing, self.storing_orders)

    @cached_property
    def storing_orders(self) -> StoringOrders:
        return StoringOrders(self._ports.clock, self._ports.requests, self.commits, self.invokers)

    @cached_property
    def proposing(self) -> Proposing:
        return Proposing(
            self._ports.clock,
            self._ports.requests,
            self._ports.intune,
            self._ports.orders,
            self.policy,
            self.readers,
            self._ports.portal_url,
        )

    @cached_property
    def acting_alone(self) -> ActingAlone:
        return ActingAlone(self._ports.memory, self._ports.alone, self.commits, self.own_filings)

    @cached_property
    def open_prompts(self) -> OpenPrompts:
        return OpenPrompts(self._ports.clock, self._ports.requests, self._ports.prompts)

    @cached_property
    def prompt_scenes(self) -> PromptScenes:
        return PromptScenes(self._ports.clock, self._ports.alone, self.invokers)

    @cached_property
    def prompt_checks(self) -> PromptChecks:
        return PromptChecks(self._ports.clock, self.commits)

    @cached_property
    def breaking_glass(self) -> BreakingGlass:
        return BreakingGlass(
            self.open_prompts, self.prompt_scenes, self.prompt_checks, self.proving_invoker, self.glass_breaker
        )

    @cached_property
    def proving_invoker(self) -> ProvingInvoker:
        return ProvingInvoker(self._ports.sign_in, self.glass_breaker, self.broken_cards)

    @cached_property
    def glass_breaker(self) -> GlassBreaker:
        return GlassBreaker(self.commits, self.aftermath)

    @cached_property
    def aftermath(self) -> Aftermath:
        return Aftermath(self.acting_alone, self.carrying)

    @cached_property
    def broken_cards(self) -> BrokenCards:
        return BrokenCards(self._ports.requests, self.eligibilities, self.latest, self.views)

    @cached_property
    def lobbies(self) -> Lobbies:
        return Lobbies(self._ports.clock, self._ports.requests, self.refusals, self.invokers, self.askers)

    @cached_property
    def emergency_form(self) -> EmergencyForm:
        return EmergencyForm(self._ports.requests, self.prompting, self.door_prompts, self.door_orders)

    @cached_property
    def door_prompts(self) -> DoorPrompts:
        return DoorPrompts(
            self._ports.clock, self._ports.sign_in, self._ports.prompts, self.prompt_scenes, self.prompt_checks
        )

    @cached_property
    def door_orders(self) -> DoorOrders:
        return DoorOrders(self._ports.sign_in, self.filled_orders)

    @cached_property
    def prompting(self) -> Prompting:
        return Prompting(
            self._ports.clock, self._ports.prompts, self.refusals, self.invokers, self.prompt_scenes, self.prompt_checks
        )

    @cached_property
    def review_list(self) -> ReviewList:
        return ReviewList(self._ports.clock, self._ports.requests, self.policy, self.eligibilities, self.readers)

    @cached_property
    def reviewing(self) -> Reviewing:
        return Reviewing(self.commits, self.review_cards)

    @cached_property
    def alarming(self) -> Alarming:
        return Alarming(self._ports.chat, self._ports.operations_channel, self._ports.outside)

    @cached_property
    def channel_reminders(self) -> ChannelReminders:
        return ChannelReminders(self._ports.chat, self.attempts, self.helpers, self.availability)

    @cached_property
    def sending(self) -> Sending:
        return Sending(self._ports.chat, self.channel_reminders, self.mailing, self.gathering)

    @cached_property
    def delivering(self) -> Delivering:
        return Delivering(
            self._ports.clock, self._ports.requests, self._ports.outbox, self._ports.notices, self.sending
        )

    @cached_property
    def gathering(self) -> Gathering:
        return Gathering(self._ports.clock, self._ports.notices, self._ports.mail, self._ports.operations_channel)

    @cached_property
    def mailing(self) -> Mailing:
        return Mailing(self._ports.mail, self._ports.directory, self._ports.chat, self.attempts)

    @cached_property
    def climbing(self) -> Climbing:
        return Climbing(self._ports.clock, self._ports.directory, self._ports.on_call, self.commits)

    @cached_property
    def reminding(self) -> Reminding:
        return Reminding(self._ports.directory, self.availability, self.helpers, self.gathering)

    @cached_property
    def thread(self) -> Thread:
        return Thread(self._ports.chat, self._ports.operations_channel, self.helpers, self.attempts, self.gathering)
