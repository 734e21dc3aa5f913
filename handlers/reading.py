"""What the rule of who may read a request needs to know, gathered for every way in which somebody asks for one."""

from collections.abc import Iterable

from approvals.people import Person
from approvals.reading import may_see, reader_groups
from approvals.request import Request
from approvals.sighting import Standing
from handlers.desk import Desk
from handlers.gather import standing_in
from handlers.ports.places import channel_of


async def reader(
    desk: Desk, request: Request | None, account: str, name: str, conversation: str = ""
) -> Standing | None:
    """Return how this person stands to the request if they may read it, else nothing.

    `conversation` is where Teams says that they ask. For a request that is not known the directory is asked as well:
    also where it does not answer, nobody learns from the answer whether there is such a request.
    """
    stands = await standing_in(desk, account, name, reader_groups(request, desk.book) if request else ())
    if request is None:
        return None
    here = await is_read_in(desk, request, conversation)
    return stands if may_see(request, stands, desk.book, from_place=here) else None


async def readable(desk: Desk, requests: Iterable[Request], account: str, name: str) -> list[Request]:
    """Return those of the requests that this person may read, by one look at the directory."""
    found = list(requests)
    groups = frozenset[str]().union(*(reader_groups(request, desk.book) for request in found))
    stands = await standing_in(desk, account, name, groups)
    return [request for request in found if may_see(request, stands, desk.book)]


async def reads_anyway(desk: Desk, request: Request, account: str, conversation: str) -> bool:
    """Return whether somebody may read the request whatever the directory says of them."""
    nobody = Standing(Person(account, "", frozenset({account})), frozenset(), active=False)
    here = await is_read_in(desk, request, conversation)
    return may_see(request, nobody, desk.book, from_place=here)


async def is_read_in(desk: Desk, request: Request, conversation: str) -> bool:
    """Return whether a card of the request stands in this conversation, or alarms about every request do."""
    channel = channel_of(conversation)
    if not channel:
        return False
    copies = await desk.copies.of(request.id)
    return channel == desk.operations_channel or any(copy.stands_in(channel) for copy in copies)
