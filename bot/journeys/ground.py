"""The journeys that all others use: storing, gathering facts, showing cards."""

from functools import cached_property

from bot.adapters import Adapters
from handlers.gathering.availability import Availability
from handlers.gathering.eligibilities import Eligibilities
from handlers.gathering.helpers import Helpers
from handlers.gathering.invokers import Invokers
from handlers.gathering.policy import Policy
from handlers.gathering.readers import Readers
from handlers.gathering.snapshots import Snapshots
from handlers.gathering.subjects import Subjects
from handlers.showing.attempts import Attempts
from handlers.showing.catching_up import CatchingUp
from handlers.showing.details import Details
from handlers.showing.drawing import Drawing
from handlers.showing.latest import Latest
from handlers.showing.posting import Posting
from handlers.showing.review_cards import ReviewCards
from handlers.showing.views import Views
from handlers.storing.addresses import Addresses
from handlers.storing.commits import Commits
from handlers.storing.refusals import Refusals


class GroundJourneys:
    """The journeys of one process. Each is created on first use, with its parts."""

    def __init__(self, adapters: Adapters) -> None:
        self._ports = adapters
        self.policy = Policy(adapters.book, adapters.decisions)

    @cached_property
    def commits(self) -> Commits:
        return Commits(self._ports.clock, self._ports.requests)

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
        return Readers(self._ports.copies, self._ports.book, self._ports.operations_channel, self.eligibilities)

    @cached_property
    def snapshots(self) -> Snapshots:
        return Snapshots(self._ports.intune, self._ports.directory, self.subjects, self._ports.book, self._ports.owners)

    @cached_property
    def eligibilities(self) -> Eligibilities:
        return Eligibilities(self._ports.directory, self._ports.book)

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
    def invokers(self) -> Invokers:
        return Invokers(self._ports.requests, self._ports.book, self.eligibilities)

    @cached_property
    def review_cards(self) -> ReviewCards:
        return ReviewCards(self._ports.clock, self.latest)

    @cached_property
    def addresses(self) -> Addresses:
        return Addresses(self._ports.conversations, self.catching_up)

    @cached_property
    def catching_up(self) -> CatchingUp:
        return CatchingUp(
            self._ports.clock,
            self._ports.requests,
            self._ports.outbox,
            self._ports.conversations,
            self.attempts,
            self._ports.operations_channel,
        )
