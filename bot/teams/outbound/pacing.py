"""Limits how fast the bot writes into one conversation, and skips edits that are already outdated.

Pacing is per process: replicas do not share their counts, so Teams may still answer 429, which then holds the lane.
"""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from bot.teams.outbound.messages import Outgoing
from handlers.ports.errors import Throttled

LIMITS = ((7, 1.0), (8, 2.0), (60, 30.0), (1800, 3600.0))
"""Writes allowed in a number of seconds, per bot and conversation, as Teams publishes them ("rate limiting")."""

PATIENCE = 10.0
"""Longest wait for a turn, in seconds. For more than that, the outbox waits, which holds no lease meanwhile."""

_MEMORY = max(seconds for _, seconds in LIMITS)
_MOST_SLOTS = max(count for count, _ in LIMITS)

Monotonic = Callable[[], float]
Sleep = Callable[[float], Awaitable[None]]


@dataclass(slots=True)
class _Lane:
    """One conversation: the times of its last and planned writes, and until when Teams wants none."""

    slots: deque[float] = field(default_factory=lambda: deque(maxlen=_MOST_SLOTS))
    held_until: float = 0.0

    def next_slot(self, now: float) -> float:
        """Return the earliest time at which one more write stays within all limits."""
        free = (self.slots[-count] + seconds for count, seconds in LIMITS if len(self.slots) >= count)
        return max(now, self.held_until, *free)

    def idle_since(self, now: float) -> bool:
        """Return whether this lane no longer affects any limit."""
        return self.held_until <= now and (not self.slots or self.slots[-1] + _MEMORY <= now)


class Pace:
    """Assigns turns to write, first come first served for each conversation."""

    def __init__(self, monotonic: Monotonic, sleep: Sleep) -> None:
        self._monotonic = monotonic
        self._sleep = sleep
        self._lanes: OrderedDict[str, _Lane] = OrderedDict()

    async def turn(self, conversation: str) -> None:
        """Wait until one more write is allowed. Raises `Throttled` if that takes longer than `PATIENCE`."""
        now = self._monotonic()
        lane = self._lane(conversation, now)
        slot = lane.next_slot(now)
        if slot - now > PATIENCE:
            raise Throttled("too many messages to this conversation", retry_after=slot - now)
        lane.slots.append(slot)
        while (wait := max(slot, lane.held_until) - self._monotonic()) > 0:
            await self._sleep(wait)

    def hold(self, conversation: str, seconds: float) -> None:
        """Block this conversation for some seconds, because Teams asked for it."""
        now = self._monotonic()
        lane = self._lane(conversation, now)
        lane.held_until = max(lane.held_until, now + seconds)

    def _lane(self, conversation: str, now: float) -> _Lane:
        self._forget_idle(now)
        # The threads of a channel share one lane, so pacing is rather too slow than too fast.
        key = conversation.partition(";messageid=")[0]
        lane = self._lanes.setdefault(key, _Lane())
        self._lanes.move_to_end(key)
        return lane

    def _forget_idle(self, now: float) -> None:
        while self._lanes and next(iter(self._lanes.values())).idle_since(now):
            self._lanes.popitem(last=False)


@dataclass(slots=True)
class _Edit:
    """The latest content for one message, and how many of the edits asked for have been sent."""

    latest: Outgoing
    wished: int = 0
    taken: int = 0
    sent: int = 0
    users: int = 0
    one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)

    def take(self) -> Outgoing:
        """Return the latest content, from any caller."""
        self.taken = self.wished
        return self.latest


class Edits:
    """Edits messages: one at a time for each message, and of several waiting edits only the latest is sent."""

    def __init__(self) -> None:
        self._edits: dict[tuple[str, str], _Edit] = {}

    async def make(
        self,
        message: tuple[str, str],
        wish: Outgoing,
        put: Callable[[Callable[[], Outgoing]], Awaitable[None]],
    ) -> None:
        """Edit this message to `wish` or to a later one. `put` calls its argument just before sending.

        Returns when an edit with this content or later content has been sent. A failure is raised only to the caller
        whose `put` failed; the others try themselves.
        """
        edit = self._edits.setdefault(message, _Edit(wish))
        edit.latest, edit.wished, edit.users = wish, edit.wished + 1, edit.users + 1
        mine = edit.wished
        try:
            async with edit.one_at_a_time:
                if edit.sent < mine:
                    await put(edit.take)
                    edit.sent = edit.taken
        finally:
            edit.users -= 1
            if not edit.users:
                del self._edits[message]
