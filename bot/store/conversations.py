"""What installations told us: which channels and people the bot can write to, and how."""

from dataclasses import dataclass

from pydantic import TypeAdapter

from bot.store.keys import Keys
from bot.store.redis import Door


@dataclass(frozen=True, slots=True)
class ChannelReference:
    """A channel, or a group chat, that the bot is in."""

    channel: str
    service_url: str
    team: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class PersonalReference:
    """A person's 1:1 chat. `unreachable` remembers a failure until the app is installed anew."""

    account: str
    mri: str
    service_url: str
    conversation: str = ""
    unreachable: bool = False


_CHANNEL = TypeAdapter(ChannelReference)
_PERSON = TypeAdapter(PersonalReference)


class RedisConversations:
    """References by channel id and by account."""

    def __init__(self, door: Door, keys: Keys) -> None:
        self._door = door
        self._keys = keys

    async def channel(self, channel: str) -> ChannelReference | None:
        """How to write to this channel."""
        text = await self._door.do("HGET", self._keys.channels, channel)
        return _CHANNEL.validate_json(text) if text else None

    async def save_channel(self, reference: ChannelReference) -> None:
        """Remember a channel."""
        text = _CHANNEL.dump_json(reference).decode()
        await self._door.do("HSET", self._keys.channels, reference.channel, text)

    async def forget_team(self, team: str) -> None:
        """The bot was removed from this team."""
        for text in await self._door.do("HVALS", self._keys.channels):
            reference = _CHANNEL.validate_json(text)
            if reference.team == team:
                await self._door.do("HDEL", self._keys.channels, reference.channel)

    async def person(self, account: str) -> PersonalReference | None:
        """How to write to this person."""
        text = await self._door.do("HGET", self._keys.people, account)
        return _PERSON.validate_json(text) if text else None

    async def save_person(self, reference: PersonalReference) -> None:
        """Remember a person's 1:1 chat, or that there is none."""
        text = _PERSON.dump_json(reference).decode()
        await self._door.do("HSET", self._keys.people, reference.account, text)

    async def forget_person(self, account: str) -> None:
        """The bot was removed from this person's chat."""
        await self._door.do("HDEL", self._keys.people, account)
