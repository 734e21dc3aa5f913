"""What the rule of who may read a request needs to know, gathered for every way in which somebody asks for one."""

from collections.abc import Iterable
from dataclasses import dataclass

from approvals.people import Person
from approvals.policy import PolicyBook
from approvals.reading import may_see, reader_groups
from approvals.request import Request
from approvals.sighting import Standing
from handlers.gathering.standings import Standings
from handlers.ports.copies import Copies
from handlers.ports.places import channel_of

UNKNOWN_REQUEST = "This request is not known here any more."
"""What somebody hears who may not read a request, and of one that there is not: they cannot tell them apart."""


@dataclass(frozen=True, slots=True)
class Readers:
    """Gathers what that rule needs, for every way in which somebody asks for a request."""

    copies: Copies
    book: PolicyBook
    operations_channel: str
    standings: Standings

    async def reader(self, request: Request | None, account: str, name: str, conversation: str = "") -> Standing | None:
        """Return how this person stands to the request if they may read it, else nothing.

        `conversation` is where Teams says that they ask. For a request that is not known the directory is asked as
        well: also where it does not answer, nobody learns from the answer whether there is such a request.
        """
        stands = await self.standings.in_groups(account, name, reader_groups(request, self.book) if request else ())
        if request is None:
            return None
        here = await self.is_read_in(request, conversation)
        return stands if may_see(request, stands, self.book, from_place=here) else None

    async def readable(self, requests: Iterable[Request], account: str, name: str) -> list[Request]:
        """Return those of the requests that this person may read, by one look at the directory."""
        found = list(requests)
        groups = frozenset[str]().union(*(reader_groups(request, self.book) for request in found))
        stands = await self.standings.in_groups(account, name, groups)
        return [request for request in found if may_see(request, stands, self.book)]

    async def reads_anyway(self, request: Request, account: str, conversation: str) -> bool:
        """Return whether somebody may read the request whatever the directory says of them."""
        nobody = Standing(Person(account, "", frozenset({account})), frozenset(), active=False)
        here = await self.is_read_in(request, conversation)
        return may_see(request, nobody, self.book, from_place=here)

    async def is_read_in(self, request: Request, conversation: str) -> bool:
        """Return whether a card of the request stands in this conversation, or alarms about every request do."""
        channel = channel_of(conversation)
        if not channel:
            return False
        copies = await self.copies.of(request.id)
        return channel == self.operations_channel or any(copy.stands_in(channel) for copy in copies)
