"""The conversations with people and channels, as learned from installations: where and how the bot can write."""

from dataclasses import replace
from datetime import datetime

from bot.store import keys as names
from bot.store.codec import Codec
from bot.store.keys import Keys
from bot.store.redis import Connections
from handlers.ports.teams import ChannelReference, PersonalReference

_CHANNEL = Codec(ChannelReference)
_PERSON = Codec(PersonalReference)


class RedisConversations:
    """References by channel and by account, and the accounts that cannot be written to."""

    def __init__(self, connections: Connections, keys: Keys) -> None:
        self._redis = connections.redis
        self._channels = keys.of(names.CHANNELS)
        self._left = keys.of(names.LEFT)
        self._people = keys.of(names.PEOPLE)
        self._unreachable = keys.of(names.UNREACHABLE)

    async def channel(self, channel: str) -> ChannelReference | None:
        """Return how to write to this channel."""
        text = await self._redis.hget(self._channels, channel)
        return _CHANNEL.read(text) if text else None

    async def channels(self) -> tuple[ChannelReference, ...]:
        """Return every channel that the bot is in."""
        return tuple(_CHANNEL.read(text) for text in await self._redis.hvals(self._channels))

    async def save_channel(self, reference: ChannelReference) -> bool:
        """Store a channel that is new or has a new name or address; return whether it is new."""
        new = await self._redis.hset(self._channels, reference.channel, _CHANNEL.write(reference)) == 1
        await self._redis.hdel(self._left, reference.channel)
        return new

    async def forget_channel(self, channel: str) -> None:
        """Forget a channel that the bot was removed from, or that was deleted."""
        await self._redis.hdel(self._channels, channel)

    async def forget_team(self, team: str) -> None:
        """Forget the channels of a team that was deleted or that the bot was removed from. Keep them aside for a
        while."""
        gone = [reference for reference in await self.channels() if reference.team == team]
        for reference in gone:
            await self._redis.hset(self._left, reference.channel, _CHANNEL.write(reference))
        if gone:
            await self._redis.expire(self._left, names.LEFT.seconds)
            await self._redis.hdel(self._channels, *(reference.channel for reference in gone))

    async def of_team(self, *ids: str) -> tuple[ChannelReference, ...]:
        """Return the channels of the team that has one of these ids, or a channel with one of them; also of a removed
        team."""
        left = [_CHANNEL.read(text) for text in await self._redis.hvals(self._left)]
        known = list({one.channel: one for one in [*left, *await self.channels()]}.values())
        teams = {one.team for one in known if one.team and (one.team in ids or one.channel in ids)}
        return tuple(one for one in known if one.team in teams)

    async def move(self, old: str, new: str) -> tuple[str, ...]:
        """Store the new address for every channel and person that has the old one; return these channels."""
        people = [_PERSON.read(text) for text in await self._redis.hvals(self._people)]
        for one in people:
            if one.service_url == old:
                moved = _PERSON.write(replace(one, service_url=new))
                await self._redis.hset(self._people, one.account, moved)
        channels = [one for one in await self.channels() if one.service_url == old]
        for channel in channels:
            await self._redis.hset(self._channels, channel.channel, _CHANNEL.write(replace(channel, service_url=new)))
        return tuple(one.channel for one in channels)

    async def person(self, account: str) -> PersonalReference | None:
        """Return how to write to this person."""
        text = await self._redis.hget(self._people, account)
        return _PERSON.read(text) if text else None

    async def save_person(self, reference: PersonalReference) -> bool:
        """Store how to write to a person who has the app now; return whether that is new."""
        new = await self._redis.hset(self._people, reference.account, _PERSON.write(reference)) == 1
        await self._redis.hdel(self._unreachable, reference.account)
        return new

    async def forget_person(self, account: str) -> None:
        """Forget a person for whom the app was removed."""
        await self._redis.hdel(self._people, account)
        await self._redis.hdel(self._unreachable, account)

    async def mark_unreachable(self, account: str, since: datetime) -> None:
        """Record that writing to this person failed permanently. The first time is kept until the app is installed for
        them."""
        await self._redis.hsetnx(self._unreachable, account, since.isoformat())

    async def unreachable_since(self, account: str) -> datetime | None:
        """Return when writing to this account, known or not, began to fail; `None` if it has not failed."""
        text = await self._redis.hget(self._unreachable, account)
        return datetime.fromisoformat(text) if text else None
