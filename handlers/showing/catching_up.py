"""A place can be written to again: do what waits for it, or was given up meanwhile."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from approvals.audit import Kind
from approvals.effects import (
    Alarm,
    AskPeople,
    Deliver,
    Effect,
    Medium,
    OnLadder,
    Planned,
    PostCards,
    RefreshCards,
    Reply,
    SayIncident,
    SayMoved,
    SayPulled,
    SayToOperators,
    TellPerson,
)
from handlers.ports.clock import Clock
from handlers.ports.outbox import Outbox
from handlers.ports.places import InChat
from handlers.ports.requests import Requests
from handlers.ports.teams import Conversations
from handlers.showing.attempts import Attempts
from handlers.showing.places import channels_of, places_of

_IN_ITS_PLACES = PostCards | RefreshCards | AskPeople | Reply | Alarm | TellPerson | OnLadder
"""Effects that write where the cards of a request are, or fail with them."""

_TO_OPERATIONS = Alarm | SayToOperators | SayPulled | SayMoved | SayIncident

MOST_LOST = 1000
"""How many of the latest lost cards are looked at. Cards of ended requests are not kept for ever."""

K = TypeVar("K")


@dataclass(frozen=True, slots=True)
class CatchingUp:
    """Plans what a place has missed. A late or repeated effect shows the present, so planning too much does no harm."""

    clock: Clock
    requests: Requests
    outbox: Outbox
    conversations: Conversations
    attempts: Attempts
    operations_channel: str

    async def catch_up(self, channels: Collection[str], *, of_team: bool = False) -> None:
        """Plan what waits for these channels or was given up there; with `of_team` also for channels whose team is
        unknown. Teams tells a bot about few of a team's channels: the one in which it was installed, and new ones."""
        now = await self.clock.now()
        await self._revive(channels, of_team=of_team)
        waiting = {one.id: channels_of(one) for one in await self.requests.open() if one.takes_votes}
        posts = [Planned(PostCards(one)) for one in await self._theirs(waiting, channels, of_team=of_team)]
        given_up = {key: await self._channels(effect) for key, effect in (await self.outbox.given_up()).items()}
        await self.outbox.plan(posts, now)
        await self.outbox.retry(await self._theirs(given_up, channels, of_team=of_team), now)

    async def _revive(self, channels: Collection[str], *, of_team: bool) -> None:
        """Have the lost cards redrawn, also those of requests that ended meanwhile: in an archived team nobody can edit
        a card (403 ConversationArchived), but it is still there when the team is back. This comes before any post, so
        that no second card is posted beside it."""
        entries = await self.requests.recorded_last({Kind.COPY_LOST}, MOST_LOST)
        places = [(one.request_id, one.evidence.get("channel", "")) for one in entries if one.request_id]
        lost = {place: [place[1]] for place in places if place[1]}
        for request_id, channel in await self._theirs(lost, channels, of_team=of_team):
            await self.attempts.revive(request_id, channel)

    async def _theirs(self, found: Mapping[K, Collection[str]], channels: Collection[str], *, of_team: bool) -> list[K]:
        return [
            key
            for key, places in found.items()
            if not set(places).isdisjoint(channels) or (of_team and await self._has_strangers(places))
        ]

    async def _has_strangers(self, places: Iterable[str]) -> bool:
        return None in [await self.conversations.channel(place) for place in places]

    async def _channels(self, effect: Effect) -> Collection[str]:
        """Return the channels that the effect writes to; none if it writes to nobody, or only to one person."""
        found: list[str] = []
        if isinstance(effect, _TO_OPERATIONS) and self.operations_channel:
            found.append(self.operations_channel)
        if isinstance(effect, Deliver) and effect.medium in (Medium.THREAD, Medium.ALARM):
            found.append(effect.target)
        if isinstance(effect, _IN_ITS_PLACES) and (request := await self.requests.load(effect.request_id)):
            found += [place.channel for place in places_of(request) if not isinstance(place, InChat)]
        return found
