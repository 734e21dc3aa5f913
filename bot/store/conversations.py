"""What installations told us: which channels and people the bot can write to, and how."""

from datetime import datetime

from bot.store import keys as names
from bot.store.codec import Codec
from bot.store.keys import Keys
from bot.store.redis import Door
from handlers.ports.teams import ChannelReference, PersonalReference

_CHANNEL = Codec(ChannelReference)
_PERSON = Codec(PersonalReference)


class RedisConversations:
    """References by channel and by account, and who could not be written to."""

    def __init__(self, door: Door, keys: Keys) -> None:
        self._redis = door.redis
        self._channels = keys.of(names.CHANNELS)
        self._left = keys.of(names.LEFT)
        self._people = keys.of(names.PEOPLE)
        self._unreachable = keys.of(names.UNREACHABLE)

    async def channel(self, channel: str) -> ChannelReference | None:
        """How to write to this channel."""
        text = await self._redis.hget(self._channels, channel)
        return _CHANNEL.read(text) if text else None

    async def channels(self) -> tuple[ChannelReference, ...]:
        """Every channel that the bot is in."""
        return tuple(_CHANNEL.read(text) for text in await self._redis.hvals(self._channels))

    async def save_channel(self, reference: ChannelReference) -> bool:
        """The bot was added to this channel, or the channel has a new name or address; whether it is new to us."""
        new = await self._redis.hset(self._channels, reference.channel, _CHANNEL.write(reference)) == 1
        await self._redis.hdel(self._left, reference.channel)
        return new

    async def forget_channel(self, channel: str) -> None:
        """The bot was removed from this channel, or the channel is gone."""
        await self._redis.hdel(self._channels, channel)

    async def forget_team(self, team: str) -> None:
        """The bot was removed from this team, or the team was deleted; for a while it may come back."""
        gone = [reference for reference in await self.channels() if reference.team == team]
        for reference in gone:
            await self._redis.hset(self._left, reference.channel, _CHANNEL.write(reference))
        if gone:
            await self._redis.expire(self._left, names.LEFT.seconds)
            await self._redis.hdel(self._channels, *(reference.channel for reference in gone))

    async def of_team(self, *ids: str) -> tuple[ChannelReference, ...]:
        """The channels of the team that has one of these ids, or a channel that has one; also of one that has left."""
        left = [_CHANNEL.read(text) for text in await self._redis.hvals(self._left)]
        known = list({one.channel: one for one in [*left, *await self.channels()]}.values())
        teams = {one.team for one in known if one.team and (one.team in ids or one.channel in ids)}
        return tuple(one for one in known if one.team in teams)

    async def person(self, account: str) -> PersonalReference | None:
        """How to write to this person."""
        text = await self._redis.hget(self._people, account)
        return _PERSON.read(text) if text else None

    async def save_person(self, reference: PersonalReference) -> bool:
        """The app was installed for this person, so they can be written to; whether that is new to us."""
        new = await self._redis.hset(self._people, reference.account, _PERSON.write(reference)) == 1
        await self._redis.hdel(self._unreachable, reference.account)
        return new

    async def forget_person(self, account: str) -> None:
        """The app was removed for this person."""
        await self._redis.hdel(self._people, account)
        await self._redis.hdel(self._unreachable, account)

    async def mark_unreachable(self, account: str, since: datetime) -> None:
        """Writing to this person failed for good. The first time counts, until the app is installed for them."""
        await self._redis.hsetnx(self._unreachable, account, since.isoformat())

    async def unreachable_since(self, account: str) -> datetime | None:
        """Since when this person, known or not, cannot be written to; `None` if that never failed."""
        text = await self._redis.hget(self._unreachable, account)
        return datetime.fromisoformat(text) if text else None
