"""Every journey, put together from the ports that it names. What needs what can be read here in one place."""

from functools import cached_property

from bot.adapters import Adapters
from handlers.chat.addresses import Addresses
from handlers.chat.auditing import Auditing
from handlers.chat.braking import Braking
from handlers.chat.catching_up import CatchingUp
from handlers.chat.commands import Commands
from handlers.chat.coverage import Coverages
from handlers.chat.covering import Covering
from handlers.chat.delegating import Delegating
from handlers.chat.glass_command import GlassCommand
from handlers.chat.installing import Installing
from handlers.chat.messages import Messages
from handlers.chat.privately import Privately
from handlers.chat.questions import Questions
from handlers.chat.rechecking import Rechecking
from handlers.commits import Commits
from handlers.effects import Effects, LadderEffects, OrderEffects, PeopleEffects, RequestEffects
from handlers.emergency.acting_alone import ActingAlone
from handlers.emergency.aftermath import Aftermath
from handlers.emergency.breaking import BreakingGlass
from handlers.emergency.broken_cards import BrokenCards
from handlers.emergency.door import Door
from handlers.emergency.door_orders import DoorOrders
from handlers.emergency.door_prompts import DoorPrompts
from handlers.emergency.glass_breaker import GlassBreaker
from handlers.emergency.invokers import Invokers
from handlers.emergency.lobby import Lobbies
from handlers.emergency.open_prompts import OpenPrompts
from handlers.emergency.prompt_checks import PromptChecks
from handlers.emergency.prompt_scenes import PromptScenes
from handlers.emergency.prompting import Prompting
from handlers.emergency.proving_invoker import ProvingInvoker
from handlers.emergency.review_cards import ReviewCards
from handlers.emergency.review_list import ReviewList
from handlers.emergency.reviewing import Reviewing
from handlers.filing.calls import Calls
from handlers.filing.completing import Completing
from handlers.filing.dropping import Dropping
from handlers.filing.filing import FilingOrders
from handlers.filing.obstacles import Obstacles
from handlers.filing.pushing import Pushing
from handlers.filing.tracking import Tracking
from handlers.gathering.availability import Availability
from handlers.gathering.helpers import Helpers
from handlers.gathering.mentioned import Mentioned
from handlers.gathering.readers import Readers
from handlers.gathering.sightings import Sightings
from handlers.gathering.standings import Standings
from handlers.gathering.subjects import Subjects
from handlers.intune.awaiting import Awaiting
from handlers.intune.away import Away
from handlers.intune.following import Following
from handlers.intune.lead import Lead
from handlers.intune.looking import Looking
from handlers.intune.looking_at_all import LookingAtAll
from handlers.intune.outsiders import Outsiders
from handlers.intune.own_filings import OwnFilings
from handlers.intune.poll import Poll
from handlers.intune.recovering import Recovering
from handlers.intune.rereading import Rereading
from handlers.intune.taking_in import Doubting, TakingIn
from handlers.intune.unlisted import Unlisted
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
from handlers.policy import Policy
from handlers.refusals import Refusals
from handlers.showing.attempts import Attempts
from handlers.showing.details import Details
from handlers.showing.drawing import Drawing
from handlers.showing.latest import Latest
from handlers.showing.posting import Posting
from handlers.showing.views import Views
from handlers.telling.alarming import Alarming
from handlers.telling.delivering import ChannelReminders, Delivering, Sending
from handlers.telling.gathering import Gathering
from handlers.telling.mailing import Mailing
from handlers.telling.reminding import Climbing, Reminding
from handlers.telling.thread import Thread
from handlers.voting.carrying import Carrying
from handlers.voting.click import Clicks, RequestClicks
from handlers.voting.finishing import Finishing
from handlers.voting.own_cards import OwnCards
from handlers.voting.ruled import RuledClicks
from handlers.voting.signed import Signed
from handlers.voting.signing import SigningClicks
from handlers.voting.voting import Voting


class Journeys:
    """The journeys of one process. Each is made when it is first asked for, with its parts."""

    def __init__(self, adapters: Adapters) -> None:
        self._ports = adapters
        self.policy = Policy(adapters.book, adapters.decisions)

    @cached_property
    def commits(self) -> Commits:
        return Commits(self._ports.clock, self._ports.requests)

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
    def refusals(self) -> Refusals:
        return Refusals(self._ports.clock, self._ports.requests)

    @cached_property
    def availability(self) -> Availability:
        return Availability(self._ports.clock, self._ports.chat, self._ports.memory, self._ports.presence)

    @cached_property
    def helpers(self) -> Helpers:
        return Helpers(self._ports.directory, self._ports.chat)

    @cached_property
    def readers(self) -> Readers:
        return Readers(self._ports.copies, self._ports.book, self._ports.operations_channel, self.standings)

    @cached_property
    def sightings(self) -> Sightings:
        return Sightings(self._ports.intune, self._ports.directory, self.subjects, self._ports.book, self._ports.owners)

    @cached_property
    def standings(self) -> Standings:
        return Standings(self._ports.directory, self._ports.book)

    @cached_property
    def subjects(self) -> Subjects:
        return Subjects(self._ports.intune, self._ports.orders)

    @cached_property
    def attempts(self) -> Attempts:
        return Attempts(self._ports.clock, self._ports.copies)

    @cached_property
    def details(self) -> Details:
        return Details(self._ports.clock, self._ports.intune, self._ports.orders, self._ports.book, self.views)

    @cached_property
    def drawing(self) -> Drawing:
        return Drawing(self.views, self.review_cards)

    @cached_property
    def latest(self) -> Latest:
        return Latest(self._ports.clock, self._ports.requests, self._ports.outbox)

    @cached_property
    def posting(self) -> Posting:
        return Posting(self._ports.chat, self.attempts, self.drawing, self.latest)

    @cached_property
    def views(self) -> Views:
        return Views(self._ports.clock, self._ports.brakes, self.availability, self.helpers, self._ports.portal_url)

    @cached_property
    def awaiting(self) -> Awaiting:
        return Awaiting(self.commits, self.looking)

    @cached_property
    def away(self) -> Away:
        return Away(self._ports.clock, self.lead, self._ports.intune)

    @cached_property
    def following(self) -> Following:
        return Following(self._ports.clock, self.policy, self.commits, self.standings)

    @cached_property
    def lead(self) -> Lead:
        return Lead(self._ports.poll_state, self._ports.replica)

    @cached_property
    def looking(self) -> Looking:
        return Looking(self._ports.requests, self._ports.intune, self.sightings, self.following, self.own_filings)

    @cached_property
    def looking_at_all(self) -> LookingAtAll:
        return LookingAtAll(self._ports.requests, self.poll, self.looking, self.away)

    @cached_property
    def outsiders(self) -> Outsiders:
        return Outsiders(self._ports.clock, self._ports.requests, self._ports.intune, self._ports.book, self.commits)

    @cached_property
    def own_filings(self) -> OwnFilings:
        return OwnFilings(
            self._ports.requests, self._ports.intune, self._ports.orders, self._ports.room, self.calls, self.commits
        )

    @cached_property
    def poll(self) -> Poll:
        return Poll(
            self._ports.clock, self._ports.poll_state, self._ports.intune, self.lead, self.taking_in, self.unlisted
        )

    @cached_property
    def recovering(self) -> Recovering:
        return Recovering(
            self._ports.clock,
            self._ports.requests,
            self._ports.continuity,
            self._ports.outbox,
            self.commits,
            self.looking_at_all,
        )

    @cached_property
    def rereading(self) -> Rereading:
        return Rereading(self.subjects, self.policy, self.commits)

    @cached_property
    def doubting(self) -> Doubting:
        return Doubting(self._ports.requests, self.own_filings, self._ports.continuity)

    @cached_property
    def taking_in(self) -> TakingIn:
        return TakingIn(
            self._ports.requests, self.own_filings, self.doubting, self.sightings, self.following, self.away
        )

    @cached_property
    def unlisted(self) -> Unlisted:
        return Unlisted(self._ports.requests, self._ports.intune, self.rereading, self.away)

    @cached_property
    def calls(self) -> Calls:
        return Calls(self._ports.orders)

    @cached_property
    def completing(self) -> Completing:
        return Completing(
            self._ports.requests,
            self._ports.brakes,
            self._ports.orders,
            self._ports.room,
            self.commits,
            self.looking,
            self.own_filings,
        )

    @cached_property
    def dropping(self) -> Dropping:
        return Dropping(self._ports.room, self.commits, self.looking)

    @cached_property
    def filing_orders(self) -> FilingOrders:
        return FilingOrders(self._ports.room, self.commits, self.looking, self.obstacles, self.calls)

    @cached_property
    def obstacles(self) -> Obstacles:
        return Obstacles(self._ports.requests, self._ports.orders, self.rereading, self.own_filings)

    @cached_property
    def pushing(self) -> Pushing:
        return Pushing(self.commits, self.filing_orders, self.completing)

    @cached_property
    def tracking(self) -> Tracking:
        return Tracking(self._ports.orders, self.commits)

    @cached_property
    def askers(self) -> Askers:
        return Askers(
            self._ports.sign_in, self._ports.room, self._ports.book, self.refusals, self.standings, self.invokers
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
    def invokers(self) -> Invokers:
        return Invokers(self._ports.requests, self._ports.book, self.standings)

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
        return BrokenCards(self._ports.requests, self.standings, self.latest, self.views)

    @cached_property
    def lobbies(self) -> Lobbies:
        return Lobbies(self._ports.clock, self._ports.requests, self.refusals, self.invokers, self.askers)

    @cached_property
    def door(self) -> Door:
        return Door(self._ports.requests, self.prompting, self.door_prompts, self.door_orders)

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
    def review_cards(self) -> ReviewCards:
        return ReviewCards(self._ports.clock, self.latest)

    @cached_property
    def review_list(self) -> ReviewList:
        return ReviewList(self._ports.clock, self._ports.requests, self.policy, self.standings, self.readers)

    @cached_property
    def reviewing(self) -> Reviewing:
        return Reviewing(self.commits, self.review_cards)

    @cached_property
    def carrying(self) -> Carrying:
        return Carrying(
            self._ports.intune, self.commits, self.standings, self.looking, self.filing_orders, self.completing
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
    def addresses(self) -> Addresses:
        return Addresses(self._ports.conversations)

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
            self._ports.clock, self._ports.requests, self.commits, self.standings, self.signing_clicks, self.own_cards
        )

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

    @cached_property
    def auditing(self) -> Auditing:
        return Auditing(self._ports.requests, self._ports.book, self.refusals, self.standings)

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
    def catching_up(self) -> CatchingUp:
        return CatchingUp(
            self._ports.clock,
            self._ports.requests,
            self._ports.outbox,
            self._ports.conversations,
            self._ports.operations_channel,
        )

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
