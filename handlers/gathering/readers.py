"""Facts for the rule that says who may read a request."""

from collections.abc import Iterable
from dataclasses import dataclass

from approvals.people import Person
from approvals.policy import PolicyBook
from approvals.reading import may_see, reader_groups
from approvals.request import Request
from approvals.snapshot import Eligibility
from handlers.gathering.eligibilities import Eligibilities
from handlers.ports.copies import PostedCards
from handlers.ports.places import channel_of

UNKNOWN_REQUEST = "This request is not known here any more."
"""Answer for a request that does not exist or that the person may not read: they cannot tell these apart."""


@dataclass(frozen=True, slots=True)
class Readers:
    """Gathers these facts for every way in which a person asks for a request."""

    copies: PostedCards
    book: PolicyBook
    operations_channel: str
    eligibilities: Eligibilities

    async def reader(
        self, request: Request | None, account: str, name: str, conversation: str = ""
    ) -> Eligibility | None:
        """Return this person's standing to the request if they may read it, else nothing.

        `conversation` is where they ask, as Teams says. For an unknown request the directory is asked as well, so that
        even its failure does not reveal whether the request exists.
        """
        eligibility = await self.eligibilities.in_groups(
            account, name, reader_groups(request, self.book) if request else ()
        )
        if request is None:
            return None
        here = await self.is_read_in(request, conversation)
        return eligibility if may_see(request, eligibility, self.book, from_place=here) else None

    async def readable(self, requests: Iterable[Request], account: str, name: str) -> list[Request]:
        """Return those of the requests that this person may read, with one call to the directory."""
        found = list(requests)
        groups = frozenset[str]().union(*(reader_groups(request, self.book) for request in found))
        eligibility = await self.eligibilities.in_groups(account, name, groups)
        return [request for request in found if may_see(request, eligibility, self.book)]

    async def reads_anyway(self, request: Request, account: str, conversation: str) -> bool:
        """Return whether a person may read the request whatever the directory says about them."""
        nobody = Eligibility(Person(account, "", frozenset({account})), frozenset(), active=False)
        here = await self.is_read_in(request, conversation)
        return may_see(request, nobody, self.book, from_place=here)

    async def is_read_in(self, request: Request, conversation: str) -> bool:
        """Return whether a card of the request is in this conversation, or the conversation is the operations
        channel."""
        channel = channel_of(conversation)
        if not channel:
            return False
        copies = await self.copies.of(request.id)
        return channel == self.operations_channel or any(copy.stands_in(channel) for copy in copies)
