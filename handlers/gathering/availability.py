"""Availability of people: at work as far as Teams says, not away by their own word, and in the channel."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from approvals.people import Person
from handlers.ports.clock import Clock
from handlers.ports.errors import PortError
from handlers.ports.memory import Delegation, Memory
from handlers.ports.people import Presence
from handlers.ports.teams import Chat

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Availability:
    """Reads Teams and the delegations. If Teams does not answer, nobody counts as absent."""

    clock: Clock
    chat: Chat
    memory: Memory
    presence: Presence

    async def whom_to_ask(self, helpers: Sequence[Person]) -> list[Person]:
        """Return those who are there, stand-ins in place of the absent; if that is nobody, presence is ignored."""
        now = await self.clock.now()
        stand_ins = {one.away: one.delegate for one in await self._delegations(now)}
        known = {person.account for person in helpers}
        asked = {stand_ins.get(account, account) for account in known} & known or known
        away = await self._by_presence(sorted(asked))
        there = [person for person in helpers if person.account in asked - away]
        return there or [person for person in helpers if person.account in asked]

    async def away(self, people: Iterable[Person], at: datetime, *, now: bool) -> frozenset[str]:
        """Return the accounts of those who have said that they are away then; if that is `now`, also of those whom
        Teams shows as away."""
        accounts = {person.account for person in people}
        said = {one.away for one in await self._delegations(at)} & accounts
        return frozenset(said) | (await self._by_presence(sorted(accounts - said)) if now else frozenset())

    async def unreachable(self, people: Collection[Person], channels: Iterable[str]) -> frozenset[str]:
        """Return the accounts of those who are in none of these channels under any account; nobody if Teams does not
        answer."""
        accounts = [account for person in people for account in (person.account, *person.accounts)]
        try:
            found = {account for channel in channels for account in await self.chat.mentions(channel, accounts)}
        except PortError as error:
            log.warning("reachability_unknown", error=str(error))
            return frozenset()
        return frozenset(person.account for person in people if not found & {person.account, *person.accounts})

    async def _delegations(self, at: datetime) -> list[Delegation]:
        return [one for one in await self.memory.delegations() if one.start <= at < one.end]

    async def _by_presence(self, accounts: Sequence[str]) -> frozenset[str]:
        try:
            return await self.presence.away(accounts)
        except PortError as error:
            log.warning("presence_unknown", error=str(error))
            return frozenset()
