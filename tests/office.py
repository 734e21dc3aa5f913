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
    """Return the one certificate authority that all tests of a process use."""
    return Authority()


def settings_of(environment: dict[str, str]) -> Settings:
    """Read settings from these environment variables as the product does."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        return read()


@dataclass
class EmergencyProcess:
    """The separate emergency process with its ledger. It can be restarted."""

    settings: ProcessSettings
    clock: Clock
    _stack: AsyncExitStack = field(default_factory=AsyncExitStack)

    @property
    def ledger(self) -> Path:
        """The file into which every call is written."""
        return self.settings.ledger

    async def start(self) -> None:
        """Start the process on the tenant's clock."""
        process = await self._stack.enter_async_context(emergency(self.settings, self.clock.now))
        await self._stack.enter_async_context(served(process.application(), self.settings.port))

    async def stop(self) -> None:
        """Stop the process, and close its ledger."""
        await self._stack.aclose()


def rewired(bot: Bot, **ports: Any) -> Bot:
    """Return the same bot with other adapters for some ports. Its HTTP addresses still use the old adapters."""
    adapters = replace(bot.adapters, **ports)
    journeys = Journeys(adapters)
    worker = Worker(adapters.outbox, adapters.clock, journeys.effects.perform)
    return replace(bot, adapters=adapters, journeys=journeys, worker=worker)


@dataclass
class Office:
    """Everything that a scenario uses. `bots` are the replicas, and `urls` the addresses where each of them listens.
    `server` is set if the scenario has its own Redis server."""

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
        """The address of the emergency process; empty where it is not deployed."""
        return f"https://localhost:{self.alone.settings.port}" if self.alone else ""

    def client(self, name: str) -> Client:
        """Return this person's Teams client, the same one for the whole day."""
        return self._clients.setdefault(name, self.tenant.teams.client(name))

    async def poll(self) -> None:
        """Let the bot look at its store and at Intune, and do what follows from that."""
        for bot in self.bots:
            await jobs.guard(bot)
        await self.bot.journeys.poll.poll()
        await self.work()

    async def work(self) -> None:
        """Let the replicas do everything that is due now."""
        while sum([await bot.worker.do_due() for bot in self.bots]):
            pass

    async def pass_time(self, **duration: float) -> None:
        """Let time pass, and let the replicas do what is due by then."""
        self.tenant.clock.advance(timedelta(**duration))
        await self.work()

    async def click(self, name: str, verb: str, on: Message, note: str = "", **more: Any) -> Answer:
        """Press a button as this person, and let the bot do what follows."""
        answer = await self.client(name).click(on, verb, {"note": note} if note else None, **more)
        await self.work()
        return answer

    async def press(self, name: str, verb: str, seen: dict[str, Any] | None, on: Message) -> Answer:
        """Press a button of an earlier version of a card, or of a card that was drawn for somebody else."""
        pressed = button(seen or {}, verb)
        assert pressed is not None, f"that card had no button {verb}"
        answer = await self.client(name).invoke(on, pressed, "manual")
        await self.work()
        return answer

    async def forge(self, name: str, verb: str, request_id: str, at: Message | Conversation, **data: str) -> str:
        """Send a click that no card of this person holds, from a card's thread or from a conversation. Return the whole
        answer as text. `message` in `data` is the message that the click claims to come from."""
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
        """Come back to a card as this person, one minute later: Teams fetches the person's own view, if they have one.
        Return the card that they see."""
        await self.pass_time(minutes=1)
        await self.client(name).refresh(at)
        await self.work()
        return self.client(name).card(at)

    async def approve(self, name: str, on: Message, note: str = "") -> Answer:
        """Press both buttons of an approval."""
        return await self._vote(name, on, "approve", "confirm-approve", note)

    async def reject(self, name: str, on: Message, note: str) -> Answer:
        """Press both buttons of a rejection."""
        return await self._vote(name, on, "reject", "confirm-reject", note)

    async def sign_in(self, name: str, url: str) -> str:
        """Open the sign-in page in this person's browser. Return the text of the last page that they reach."""
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
        """Install the app for this person, and let the bot hear of it."""
        user = self.tenant.world.user(name)
        await self.tenant.teams.install(self.tenant.connector.places.personal(user), user)

    def told(self, name: str) -> list[str]:
        """Return what the bot wrote to this person in private."""
        return [one.text for one in self.tenant.connector.places.personal(self.tenant.world.user(name)).messages]

    def chat(self, name: str) -> Conversation:
        """Return this person's 1:1 chat with the bot."""
        return self.tenant.connector.places.personal(self.tenant.world.user(name))

    async def say(
        self, name: str, text: str, where: str = "", *, slash: bool = False, mentioned: Sequence[str] = ()
    ) -> list[Message]:
        """Write to the bot as this person, in their 1:1 chat or in a channel. Return the messages of the bot that are
        new to them. `{}` in the text stands for the people who are mentioned."""
        place, user = self.tenant.channels[where] if where else self.chat(name), self.tenant.world.user(name)
        before = {message.id for message in place.messages}
        client, named = self.client(name), [self.tenant.world.user(one) for one in mentioned]
        status, _ = await (client.slash(place, text, *named) if slash else client.say(place, text, *named))
        assert status == 200
        await self.work()
        seen = place.seen_by(user, self.tenant.clock.now())
        return [message for message in seen if message.id not in before]

    async def ask(self, name: str, text: str, reason: str = "Stolen on the train", typed: str = "") -> Message:
        """Request an operation in this person's 1:1 chat and confirm it. Return their status card."""
        [card] = await self.say(name, text)
        await self.client(name).click(card, "ask", {"reason": reason, "name": typed})
        await self.work()
        return card

    async def break_glass(self, who: str, text: str, why: str = "", **typed: str) -> Message:
        """Use break-glass in this person's 1:1 chat, on a request or on an operation. Return the card that they have in
        the end."""
        [card] = await self.say(who, f"/breakglass {text}")
        why = why or "The laptop of the director was stolen at the airport"
        verb = "break" if "break" in verbs_of(card.card) else "ask"
        if verb in verbs_of(card.card):
            await self.client(who).click(card, verb, {"why": why, "name": "PC-1", **typed}, force=True)
            await self.work()
        return card

    async def request_id(self) -> str:
        """Return the id of the newest request."""
        return (await self.bot.store.requests.open_ids())[-1]

    async def audit(self, *kinds: Kind) -> list[AuditEntry]:
        """Return the audit entries of these kinds, or all of them, oldest first."""
        entries = [entry for _, entry in await self.bot.store.requests.audit(0, 10_000)]
        return [entry for entry in entries if not kinds or entry.kind in kinds]

    def mail_to(self, name: str) -> list[str]:
        """Return the subjects of the mail to this person."""
        address = self.tenant.world.user(name).upn
        return [mail.subject for mail in self.tenant.graph.outbox if address in mail.to]

    def card(self, channel: str = "Approvals") -> Message:
        """Return the newest card of a channel."""
        return self.requests(channel)[-1]

    def requests(self, channel: str = "Approvals") -> list[Message]:
        """Return the cards of requests in a channel, oldest first."""
        return [one for one in self._cards(channel) if not _is_review(one)]

    def reviews(self, channel: str = "Approvals") -> list[Message]:
        """Return the cards of reviews in a channel, oldest first."""
        return [one for one in self._cards(channel) if _is_review(one)]

    def replies(self, to: Message) -> list[str]:
        """Return the lines under a card, without the line that calls the people who can help."""
        return [one.text for one in self._under(to) if not _asks(one)]

    def asked(self, to: Message) -> list[str]:
        """Return the names of the people who are called under a new card."""
        return [name for one in self._under(to) if _asks(one) for name in mentioned(one)]

    def _under(self, to: Message) -> list[Message]:
        found = self.tenant.connector.places.find(to.conversation)
        assert found is not None
        return [one for one in found.messages if one.conversation == to.conversation and one.id != to.id]

    def alarms(self) -> list[str]:
        """Return the texts in the operations channel."""
        return [message.text for message in self.tenant.channels["Operations"].messages if message.text]

    def _cards(self, channel: str) -> list[Message]:
        return [one for one in self.tenant.channels[channel].messages if _is_request(one) and not one.only_for]

    async def _vote(self, name: str, on: Message, first: str, second: str, note: str) -> Answer:
        step = await self.click(name, first, on)
        if step.card is None or second not in verbs_of(step.card):
            return step
        return await self.click(name, second, on, note)


def text_of(card: dict[str, Any] | None) -> str:
    """Return all the text of a card."""
    return json.dumps(card, ensure_ascii=False)


def verbs_of(card: dict[str, Any] | None) -> list[str]:
    """Return the verbs of the buttons on a card."""
    return [str(action.get("verb")) for action in actions(card or {}) if action.get("verb")]


def titles_of(card: dict[str, Any] | None) -> list[str]:
    """Return the titles of the buttons on a card."""
    return [str(action.get("title")) for action in actions(card or {})]


def mentioned(message: Message) -> list[str]:
    """Return the names of the people whom a message notifies."""
    return [entity["mentioned"]["name"] for entity in message.activity.get("entities") or () if "mentioned" in entity]


def sign_in_link(answer: Answer) -> str:
    """Return the sign-in address on the person's own card."""
    [link] = [action["url"] for action in actions(answer.card or {}) if action.get("title") == "Sign in"]
    return str(link)


def next_link(page: str, office: Office) -> str:
    """Return the address behind the button of a sign-in page."""
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
    """Serve an application of the product as the product does, with the certificate of localhost."""
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
    """Open a tenant with the bot in its channels. `ours` are our settings in the configuration file.

    With people in `group_chat`, approvals are asked for in that group chat instead of in a channel. Operations in
    `switched_off` are disabled in the policy document. With `asking`, the service desk may request operations in chat.
    With `night`, the emergency path is set up, unless `bypass` is false. With `outside`, alarms are also sent outside
    the tenant. `prepare` changes the tenant before the bot starts. `hours` are business hours by operation. `bulk` is
    what is added to the wipe of many devices. With people in `alone`, who may act alone, the emergency process is
    deployed. With `own_server`, the scenario has a Redis server that it may change and stop.
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
    """Return the mark of a test whose day is opened with these arguments of `office`."""
    return pytest.mark.parametrize("day", [settings], indirect=True, ids=[""])


async def _store(stack: AsyncExitStack, own: bool) -> tuple[str, RestartingServer | None]:
    """Return the address of an empty Redis server, and the server itself if it is the scenario's own."""
    if not own:
        return await stack.enter_async_context(emptied_server()), None
    server = RestartingServer(Path(stack.enter_context(TemporaryDirectory(prefix="cs-"))))
    stack.push_async_callback(server.stop)
    return await server.start(), server


async def _emergency(stack: AsyncExitStack, opened: Office, directory: Path, allowed: Sequence[str]) -> None:
    """Start the separate emergency process on a port that it keeps when it is restarted."""
    own = opened.tenant.emergency_environment(directory / "ca.pem", directory / "ledger.jsonl", allowed)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (own | {"COUNTERSIGN_EMERGENCY_PORT": str(free_port())}).items():
            patch.setenv(name, value)
        settings = emergency_settings.read()
    opened.alone = EmergencyProcess(settings, opened.tenant.clock)
    await opened.alone.start()
    stack.push_async_callback(opened.alone.stop)


async def _join(stack: AsyncExitStack, opened: Office, directory: Path, policy: dict[str, Any]) -> None:
    """Add one replica of the bot."""
    site = opened.tenant
    port = free_port()
    url = f"https://localhost:{port}"
    environment = site.environment(directory / "ca.pem", url)
    if opened.emergency_url:
        environment["COUNTERSIGN_EMERGENCY_URL"] = opened.emergency_url
    asks = any("requesterGroups" in one for one in policy["countersign"]["workflows"].values())
    if (
        policy["countersign"]["decisions"] == DecisionsMode.TRACK and not asks
    ):  # shows that `track` needs nobody's token
        environment = {name: value for name, value in environment.items() if "SIGN_IN" not in name}
    settings = settings_of(environment)
    config = parse(json.dumps(policy))
    bot = await stack.enter_async_context(assembled(settings, config, opened.redis_url, driven(site.clock)))
    await stack.enter_async_context(served(application(bot), port))
    opened.bots.append(bot)
    opened.urls.append(url)
