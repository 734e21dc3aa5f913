"""One Teams channel with the bot in it: the fake, and our client of a simulated Bot Connector."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import timedelta

from handlers.ports.copies import PostedCard
from handlers.ports.teams import CardJson, Chat, Mention
from simulator.teams.faults import Fault, Kind
from simulator.teams.places import Message
from tests.bot.teams.office import Office
from tests.fakes.teams import Chat as FakeChat
from tests.fakes.teams import chat_of


class Room(ABC):
    """What the contract tests do in Teams, and what people see there."""

    chat: Chat
    channel: str
    alex: str  # has the app, and is in the channel
    noa: str  # has no app
    mention: Mention  # of Alex

    @abstractmethod
    def cards(self) -> Sequence[tuple[CardJson, str]]:
        """Return the cards in the channel, each with its summary, oldest first."""

    @abstractmethod
    def told(self) -> Sequence[str]:
        """Return what Alex was told in private."""

    @abstractmethod
    def under(self, copy: PostedCard) -> Sequence[str]:
        """Return what was written under the card."""

    @abstractmethod
    def delete(self, copy: PostedCard) -> None:
        """Delete the card, as a person does."""

    @abstractmethod
    def remove_the_bot(self) -> None:
        """Remove the bot from the channel."""

    @abstractmethod
    def pass_time(self, seconds: float) -> None:
        """Let this many seconds pass."""

    @abstractmethod
    def lose_the_answer(self) -> None:
        """Lose the answer to the next post, which is carried out."""


class RealRoom(Room):
    """Our client with the simulated Teams behind it."""

    def __init__(self, office: Office) -> None:
        self.chat = office.chat
        self.channel = office.channel.id
        self._office = office
        world = office.teams.places._world
        alex, self.noa = world.user("alex"), world.user("noa").id
        self.alex, self.mention = alex.id, Mention(alex.mri, alex.name)
        self._personal = office.teams.places.personal(alex)

    def cards(self) -> Sequence[tuple[CardJson, str]]:
        eligibility = [one for one in self._office.channel.messages if not one.deleted]
        return [(one.card, one.activity["summary"]) for one in eligibility if one.card is not None]

    def told(self) -> Sequence[str]:
        return [message.text for message in self._personal.messages]

    def under(self, copy: PostedCard) -> Sequence[str]:
        card = self._message(copy)
        messages = self._office.channel.messages
        return [one.text for one in messages if one.conversation == card.conversation and one.id != card.id]

    def delete(self, copy: PostedCard) -> None:
        self._message(copy).deleted = True

    def remove_the_bot(self) -> None:
        self._office.channel.installed = False

    def pass_time(self, seconds: float) -> None:
        self._office.clock.advance(timedelta(seconds=seconds))

    def lose_the_answer(self) -> None:
        self._office.teams.faults.append(Fault(Kind.LOST_ANSWER, method="POST"))

    def _message(self, copy: PostedCard) -> Message:
        (found,) = [one for one in self._office.channel.messages if one.id == copy.activity_id]
        return found


class FakeRoom(Room):
    """The fake chat."""

    def __init__(self) -> None:
        self.chat = self._fake = FakeChat()
        self.channel, self.alex, self.noa = "19:cab@thread.tacv2", "alex", "noa"
        self.mention = Mention("29:alex", "Alex Adler")
        self._fake.rosters[self.channel] = {self.alex: self.mention}
        self._fake.unreachable.add(chat_of(self.noa))

    def cards(self) -> Sequence[tuple[CardJson, str]]:
        return [(one.card, one.text) for one in self._fake.cards(self.channel)]

    def told(self) -> Sequence[str]:
        return self._fake.told(self.alex)

    def under(self, copy: PostedCard) -> Sequence[str]:
        return self._fake.under(copy.activity_id)

    def delete(self, copy: PostedCard) -> None:
        (found,) = [one for one in self._fake.messages if one.posted.activity_id == copy.activity_id]
        found.deleted = True

    def remove_the_bot(self) -> None:
        self._fake.unreachable.add(self.channel)

    def pass_time(self, seconds: float) -> None:
        """Do nothing: the fake does not depend on the time."""

    def lose_the_answer(self) -> None:
        self._fake.troubles.loses.add("post")
