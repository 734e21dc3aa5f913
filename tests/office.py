"""A working day: the simulated tenant, one or more replicas of the real bot, and people at their clients."""

import json
import re
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from aiohttp import web

from approvals.audit import AuditEntry, Kind
from approvals.request import DecisionsMode
from bot import jobs
from bot.app import application
from bot.config.environment import Settings, read
from bot.config.file import parse
from bot.emergency import settings as emergency_settings
from bot.emergency.server import emergency
from bot.emergency.settings import ProcessSettings
from bot.jobs import Worker
from bot.journeys.doors import Journeys
from bot.web.listener import listening_on
from bot.wiring.bot import (
    Bot,
    assembled,
)
from simulator.certificate import Authority
from simulator.clock import Clock
from simulator.graph.knobs import Knobs
from simulator.site import SHUTDOWN_SECONDS
from simulator.teams.activities import activity
from simulator.teams.buttons import actions, button
from simulator.teams.clients import Answer, Client
from simulator.teams.places import Conversation, Message
from simulator.tenant import Tenant, Watch, tenant
from tests.servers import RestartingServer, emptied_server, free_port
from tests.tenant_time import driven

MONDAY = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


@cache
def authority() -> Authority:
    """One certificate authority for all tests of a process."""
    return Authority()


def settings_of(environment: dict[str, str]) -> Settings:
    """The product's own reading of an environment."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        return read()


@dataclass
class EmergencyProcess:
    """The separate emergency process on its ledger, which can be started anew."""

    settings: ProcessSettings
    clock: Clock
    _stack: AsyncExitStack = field(default_factory=AsyncExitStack)

    @property
    def ledger(self) -> Path:
        """The file that every call is written to."""
        return self.settings.ledger

    async def start(self) -> None:
        """On the tenant's own time."""
        process = await self._stack.enter_async_context(emergency(self.settings, self.clock.now))
        await self._stack.enter_async_context(served(process.application(), self.settings.port))

    async def stop(self) -> None:
        """It answers nobody, and lets go of its ledger."""
        await self._stack.aclose()


def rewired(bot: Bot, **ports: Any) -> Bot:
    """The same bot with other adapters for some ports. What its addresses serve stays as it was."""
    adapters = replace(bot.adapters, **ports)
    journeys = Journeys(adapters)
    worker = Worker(adapters.outbox, adapters.clock, journeys.effects.perform)
    return replace(bot, adapters=adapters, journeys=journeys, worker=worker)


@dataclass
class Office:
    """Everything that a scenario talks to. `bots` are the replicas, `urls` where each of them listens; there is a
    `server` where it is the scenario's own."""

    tenant: Tenant
    redis_url: str
    server: RestartingServer | None = None
    bots: list[Bot] = field(default_factory=list)
    urls: list[str] = field(default_factory=list)
    alone: EmergencyProcess | None = None
    _clients: dict[str, Client] = field(default_factory=dict)

    @property
    def bot(self) -> Bot:
        return self.bots[0]

    @property
    def emergency_url(self) -> str:
        """Where the emergency process listens; empty where it is not deployed."""
        return f"https://localhost:{self.alone.settings.port}" if self.alone else ""

    def client(self, name: str) -> Client:
        """Somebody's Teams client, the same one all day."""
        return self._clients.setdefault(name, self.tenant.teams.client(name))

    async def poll(self) -> None:
        """The bot looks at its store and at Intune, and does what follows from that."""
        for bot in self.bots:
            await jobs.guard(bot)
        await self.bot.journeys.poll.poll()
        await self.work()

    async def work(self) -> None:
        """Do everything that is due now."""
        while sum([await bot.worker.do_due() for bot in self.bots]):
            pass

    async def pass_time(self, **duration: float) -> None:
        """Time passes, and what is due by then is done."""
        self.tenant.clock.advance(timedelta(**duration))
        await self.work()

    async def click(self, name: str, verb: str, on: Message, note: str = "", **more: Any) -> Answer:
        """Somebody presses a button, and the bot does what follows."""
        answer = await self.client(name).click(on, verb, {"note": note} if note else None, **more)
        await self.work()
        return answer

    async def press(self, name: str, verb: str, seen: dict[str, Any] | None, on: Message) -> Answer:
        """Somebody presses a button of a card that has changed since, or that was drawn for another."""
        pressed = button(seen or {}, verb)
        assert pressed is not None, f"that card had no button {verb}"
        answer = await self.client(name).invoke(on, pressed, "manual")
        await self.work()
        return answer

    async def forge(self, name: str, verb: str, request_id: str, at: Message | Conversation, **data: str) -> str:
        """Somebody sends a click that no card of theirs holds, from a card's thread or from a conversation; every word
        of the answer. `message` in `data` is the message that they say they clicked on."""
        message = data.pop("message", at.id if isinstance(at, Message) else "1700000000000")
        place = self.tenant.connector.places.find(at.conversation) if isinstance(at, Message) else at
        assert place is not None
        action = {"type": "Action.Execute", "verb": verb, "data": {"request": request_id, "fingerprint": "", **data}}
        sent = activity(
            self.tenant.connector,
            "invoke",
            place,
            self.tenant.world.user(name),
            name="adaptiveCard/action",
            replyToId=message,
            value={"action": action, "trigger": "manual"},
        )
        sent["conversation"]["id"] = at.conversation if isinstance(at, Message) else at.id
        _, answer = await self.tenant.teams.post(sent)
        await self.work()
        return json.dumps(answer, ensure_ascii=False)

    async def look(self, name: str, at: Message) -> dict[str, Any]:
        """Somebody comes back to a card a minute later: Teams fetches their own view, if they are meant to have one."""
        await self.pass_time(minutes=1)
        await self.client(name).refresh(at)
        await self.work()
        return self.client(name).card(at)

    async def approve(self, name: str, on: Message, note: str = "") -> Answer:
        """Both steps of an approval."""
        return await self._vote(name, on, "approve", "confirm-approve", note)

    async def reject(self, name: str, on: Message, note: str) -> Answer:
        """Both steps of a rejection."""
        return await self._vote(name, on, "reject", "confirm-reject", note)

    async def sign_in(self, name: str, url: str) -> str:
        """Somebody opens the sign-in page in their browser; the words of the last page that they get to."""
        async with self.tenant.session.get(url, allow_redirects=False) as begun:
            if "Location" not in begun.headers:
                return await begun.text()
            onward, cookies = begun.headers["Location"], begun.cookies
        jar = {key: morsel.value for key, morsel in cookies.items()}
        async with self.tenant.session.get(f"{onward}&simulate_user={name}", allow_redirects=False) as signed_in:
            if "Location" not in signed_in.headers:
                return await signed_in.text()
            back = signed_in.headers["Location"]
        async with self.tenant.session.get(back, headers={"Cookie": _cookie(jar)}) as last:
            text = await last.text()
        await self.work()
        return text

    async def install_for(self, name: str) -> None:
        """Somebody gets the app for themselves, and the bot hears of it."""
        user = self.tenant.world.user(name)
        await self.tenant.teams.install(self.tenant.connector.places.personal(user), user)

    def told(self, name: str) -> list[str]:
        """What the bot wrote to somebody in private."""
        return [one.text for one in self.tenant.connector.places.personal(self.tenant.world.user(name)).messages]

    def chat(self, name: str) -> Conversation:
        """Somebody's 1:1 chat with the bot."""
        return self.tenant.connector.places.personal(self.tenant.world.user(name))

    async def say(
        self, name: str, text: str, where: str = "", *, slash: bool = False, mentioned: Sequence[str] = ()
    ) -> list[Message]:
        """Somebody writes to the bot, in their 1:1 chat or in a channel; what they see from it that is new. `{}` in
        the text stands for those who are mentioned."""
        place, user = self.tenant.channels[where] if where else self.chat(name), self.tenant.world.user(name)
        before = {message.id for message in place.messages}
        client, named = self.client(name), [self.tenant.world.user(one) for one in mentioned]
        status, _ = await (client.slash(place, text, *named) if slash else client.say(place, text, *named))
        assert status == 200
        await self.work()
        seen = place.seen_by(user, self.tenant.clock.now())
        return [message for message in seen if message.id not in before]

    async def ask(self, name: str, text: str, reason: str = "Stolen on the train", typed: str = "") -> Message:
        """Somebody asks for an operation in their 1:1 chat and confirms it; their status card."""
        [card] = await self.say(name, text)
        await self.client(name).click(card, "ask", {"reason": reason, "name": typed})
        await self.work()
        return card

    async def break_glass(self, who: str, text: str, why: str = "", **typed: str) -> Message:
        """Somebody breaks glass in their 1:1 chat, on a request or an operation; the card that they are left with."""
        [card] = await self.say(who, f"/breakglass {text}")
        why = why or "The laptop of the director was stolen at the airport"
        verb = "break" if "break" in verbs_of(card.card) else "ask"
        if verb in verbs_of(card.card):
            await self.client(who).click(card, verb, {"why": why, "name": "PC-1", **typed}, force=True)
            await self.work()
        return card

    async def request_id(self) -> str:
        """The id of the newest request."""
        return (await self.bot.store.requests.open_ids())[-1]

    async def audit(self, *kinds: Kind) -> list[AuditEntry]:
        """What was recorded, of these kinds or of all, oldest first."""
        entries = [entry for _, entry in await self.bot.store.requests.audit(0, 10_000)]
        return [entry for entry in entries if not kinds or entry.kind in kinds]

    def mail_to(self, name: str) -> list[str]:
        """The subjects of what somebody got by mail."""
        address = self.tenant.world.user(name).upn
        return [mail.subject for mail in self.tenant.graph.outbox if address in mail.to]

    def card(self, channel: str = "Approvals") -> Message:
        """The newest card of a channel."""
        return self.requests(channel)[-1]

    def requests(self, channel: str = "Approvals") -> list[Message]:
        """The cards of requests that stand in a channel, oldest first."""
        return [one for one in self._cards(channel) if not _is_review(one)]

    def reviews(self, channel: str = "Approvals") -> list[Message]:
        """The cards of reviews that stand in a channel, oldest first."""
        return [one for one in self._cards(channel) if _is_review(one)]

    def replies(self, to: Message) -> list[str]:
        """What was written under a card, besides the line that calls those who can help."""
        return [one.text for one in self._under(to) if not _asks(one)]

    def asked(self, to: Message) -> list[str]:
        """Who was called by name under a new card."""
        return [name for one in self._under(to) if _asks(one) for name in mentioned(one)]

    def _under(self, to: Message) -> list[Message]:
        found = self.tenant.connector.places.find(to.conversation)
        assert found is not None
        return [one for one in found.messages if one.conversation == to.conversation and one.id != to.id]

    def alarms(self) -> list[str]:
        """What was said in the operations channel."""
        return [message.text for message in self.tenant.channels["Operations"].messages if message.text]

    def _cards(self, channel: str) -> list[Message]:
        return [one for one in self.tenant.channels[channel].messages if _is_request(one) and not one.only_for]

    async def _vote(self, name: str, on: Message, first: str, second: str, note: str) -> Answer:
        step = await self.click(name, first, on)
        if step.card is None or second not in verbs_of(step.card):
            return step
        return await self.click(name, second, on, note)


def text_of(card: dict[str, Any] | None) -> str:
    """Every word on a card."""
    return json.dumps(card, ensure_ascii=False)


def verbs_of(card: dict[str, Any] | None) -> list[str]:
    """What can be pressed on a card, by verb."""
    return [str(action.get("verb")) for action in actions(card or {}) if action.get("verb")]


def titles_of(card: dict[str, Any] | None) -> list[str]:
    """What stands on the buttons of a card."""
    return [str(action.get("title")) for action in actions(card or {})]


def mentioned(message: Message) -> list[str]:
    """Whom a message notifies, by name."""
    return [entity["mentioned"]["name"] for entity in message.activity.get("entities") or () if "mentioned" in entity]


def sign_in_link(answer: Answer) -> str:
    """Where the person's own card sends them to sign in."""
    [link] = [action["url"] for action in actions(answer.card or {}) if action.get("title") == "Sign in"]
    return str(link)


def next_link(page: str, office: Office) -> str:
    """Where the button of a sign-in page leads."""
    [path] = re.findall(r'href="(/signin/[^"]+)"', page)
    return f"{office.urls[0]}{path}"


def _is_request(message: Message) -> bool:
    return message.card is not None and "Countersign is here" not in text_of(message.card)


def _asks(message: Message) -> bool:
    return " waits for you until " in message.text


def _is_review(message: Message) -> bool:
    return str((message.card or {}).get("fallbackText", "")).startswith("Review")


def _cookie(jar: dict[str, str]) -> str:
    return "; ".join(f"{name}={value}" for name, value in jar.items())


def served(app: web.Application, port: int = 0) -> AbstractAsyncContextManager[int]:
    """An application of the product behind the product's own door, with the certificate of localhost."""
    return listening_on(app, "127.0.0.1", port, authority().server_context(), stop_seconds=SHUTDOWN_SECONDS)


@asynccontextmanager
async def office(
    directory: Path,
    knobs: Knobs | None = None,
    *,
    replicas: int = 1,
    installed: Sequence[str] = (),
    group_chat: Sequence[str] = (),
    switched_off: Sequence[str] = (),
    watch: Watch | None = None,
    asking: bool = False,
    night: bool = False,
    outside: bool = False,
    bypass: bool = True,
    start: datetime = MONDAY,
    hours: Mapping[str, Any] | None = None,
    bulk: Mapping[str, Any] | None = None,
    alone: Sequence[str] = (),
    prepare: Callable[[Tenant], None] | None = None,
    own_server: bool = False,
    **ours: Any,
) -> AsyncIterator[Office]:
    """A tenant with the bot in its channels. `ours` are our settings in the configuration file.

    With people in a `group_chat`, that is where approvals are asked for instead of in a channel. Operations that are
    `switched_off` are disabled in the policy document. With `asking` the service desk may ask in chat, with `night` the
    emergency path is set up, unless `bypass` is false; with `outside` alarms leave the tenant. `prepare` changes the
    tenant before the bot starts; `hours` are business hours by operation, `bulk` what a wipe of many devices takes on
    top; with people who may act `alone` the emergency
    process is deployed; on its `own_server` a scenario may do what it likes, and stop it.
    """
    clock = Clock(start)
    async with AsyncExitStack() as stack:
        site = await stack.enter_async_context(tenant(clock, knobs, authority(), watch))
        if group_chat:
            chat = site.connector.places.group_chat("Approvals", *group_chat)
            site = replace(site, channels={**site.channels, "Approvals": chat})
        opened = Office(site, *await _store(stack, own_server))
        if prepare:
            prepare(site)
        if alone:
            await _emergency(stack, opened, directory, alone)
        policy = site.policy(asking=asking, night=night, outside=outside, **ours)
        policy["emergencyAccess"]["emergencyBypassEnabled"] = bypass
        for name, written in {
            **{one: {"businessHours": of} for one, of in (hours or {}).items()},
            **_bulk(bulk),
        }.items():
            policy["countersign"]["workflows"].setdefault(name, {}).update(written)
        for workflow in policy["approvalWorkflows"]:
            workflow["enabled"] = workflow["operation"] not in switched_off
        for _ in range(replicas):
            await _join(stack, opened, directory, policy)
        site.teams.messages_url = f"{opened.urls[0]}/api/messages"
        for name in installed or site.channels:
            await site.teams.install(site.channels[name], site.world.user("marc"))
        yield opened


def _bulk(bulk: Mapping[str, Any] | None) -> dict[str, Any]:
    return {"Device wipe": {"bulk": bulk}} if bulk else {}


def day_with(**settings: Any) -> pytest.MarkDecorator:
    """A test whose day is opened with these arguments of `office`."""
    return pytest.mark.parametrize("day", [settings], indirect=True, ids=[""])


async def _store(stack: AsyncExitStack, own: bool) -> tuple[str, RestartingServer | None]:
    """The address of an empty server, and the server itself where it is our own."""
    if not own:
        return await stack.enter_async_context(emptied_server()), None
    server = RestartingServer(Path(stack.enter_context(TemporaryDirectory(prefix="cs-"))))
    stack.push_async_callback(server.stop)
    return await server.start(), server


async def _emergency(stack: AsyncExitStack, opened: Office, directory: Path, allowed: Sequence[str]) -> None:
    """The separate emergency process, at a port that it keeps when it is started anew."""
    own = opened.tenant.emergency_environment(directory / "ca.pem", directory / "ledger.jsonl", allowed)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (own | {"COUNTERSIGN_EMERGENCY_PORT": str(free_port())}).items():
            patch.setenv(name, value)
        settings = emergency_settings.read()
    opened.alone = EmergencyProcess(settings, opened.tenant.clock)
    await opened.alone.start()
    stack.push_async_callback(opened.alone.stop)


async def _join(stack: AsyncExitStack, opened: Office, directory: Path, policy: dict[str, Any]) -> None:
    """One more replica."""
    site = opened.tenant
    port = free_port()
    url = f"https://localhost:{port}"
    environment = site.environment(directory / "ca.pem", url)
    if opened.emergency_url:
        environment["COUNTERSIGN_EMERGENCY_URL"] = opened.emergency_url
    asks = any("requesterGroups" in one for one in policy["countersign"]["workflows"].values())
    if (
        policy["countersign"]["decisions"] == DecisionsMode.TRACK and not asks
    ):  # proves that nobody's token is needed for that
        environment = {name: value for name, value in environment.items() if "SIGN_IN" not in name}
    settings = settings_of(environment)
    config = parse(json.dumps(policy))
    bot = await stack.enter_async_context(assembled(settings, config, opened.redis_url, driven(site.clock)))
    await stack.enter_async_context(served(application(bot), port))
    opened.bots.append(bot)
    opened.urls.append(url)
