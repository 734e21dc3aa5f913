"""Who of some people can be asked now: at work as far as Teams says, not away by their own word, and in the channel."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

import structlog

from approvals.people import Person
from handlers.desk import Desk
from handlers.ports.errors import PortError
from handlers.ports.memory import Delegation

log = structlog.get_logger(__name__)


async def whom_to_ask(desk: Desk, helpers: Sequence[Person]) -> list[Person]:
    """Without those who are away, but with whoever of them stands in; everybody where nobody would be left."""
    now = await desk.clock.now()
    stand_ins = {one.away: one.delegate for one in await _delegations(desk, now)}
    known = {person.account for person in helpers}
    asked = {stand_ins.get(account, account) for account in known} & known or known
    away = await _by_presence(desk, sorted(asked))
    there = [person for person in helpers if person.account in asked - away]
    return there or [person for person in helpers if person.account in asked]


async def away(desk: Desk, people: Iterable[Person], at: datetime, *, now: bool) -> frozenset[str]:
    """The accounts of those who have said that they are away then; if that is `now`, also of whom Teams says so."""
    accounts = {person.account for person in people}
    said = {one.away for one in await _delegations(desk, at)} & accounts
    return frozenset(said) | (await _by_presence(desk, sorted(accounts - said)) if now else frozenset())


async def unreachable(desk: Desk, people: Collection[Person], channels: Iterable[str]) -> frozenset[str]:
    """The accounts of those who are in none of these channels under any account; nobody where Teams does not say."""
    accounts = [account for person in people for account in (person.account, *person.accounts)]
    try:
        found = {account for channel in channels for account in await desk.chat.mentions(channel, accounts)}
    except PortError as error:
        log.warning("reachability_unknown", error=str(error))
        return frozenset()
    return frozenset(person.account for person in people if not found & {person.account, *person.accounts})


async def _delegations(desk: Desk, at: datetime) -> list[Delegation]:
    return [one for one in await desk.memory.delegations() if one.start <= at < one.end]


async def _by_presence(desk: Desk, accounts: Sequence[str]) -> frozenset[str]:
    try:
        return await desk.presence.away(accounts)
    except PortError as error:
        log.warning("presence_unknown", error=str(error))
        return frozenset()
