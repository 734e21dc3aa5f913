"""The story of the policy document in the harshest tenant: people try again, and time passes until everything is
settled."""

import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import heappop, heappush
from pathlib import Path
from random import Random

import aiohttp
import pytest

from approvals.request import Decision, Request
from handlers.intune.poll import Poll, Polled
from handlers.poll import RETRY
from handlers.ports.errors import PortError
from simulator import harshest
from simulator.browser import sign_in
from simulator.inventory import assignment_filter, fleet
from simulator.night import let_directors_approve
from simulator.teams.buttons import actions
from simulator.teams.clients import Answer
from simulator.teams.places import Conversation, Message
from simulator.tenant import Tenant
from simulator.weather import Weather
from simulator.world import Group, guid
from tests.office import Office, office, text_of, verbs_of
from tests.scenarios.hearing import Ear
from tests.scenarios.judging import Errand, Judge, recording

APPROVALS, BOARD, ON_CALL = "Approvals", "Change Advisory Board", "On-Call"
KEEPERS = frozenset({"Device-Managers", "Security-Team"})
SCRIPT = (frozenset({"Security-Admins"}), frozenset({"Change-Advisory-Board"}))
DIRECTORS = frozenset({"IT-Directors"})
LAPTOPS, PILOT = "All-Windows-Laptops", "Pilot-Laptops"
ONLY = ("New models", '(device.model -eq "Latitude 7450")')
ROLES = frozenset({"Security-Admins", "IT-Directors"})

PROMISE = timedelta(minutes=40)
"""By then the bot has done what troubles kept it from doing. A trouble lasts two and a half minutes at most, an effect
waits five minutes at most for its next try, Teams is asked three minutes for a message that it does not find, and an
effect that was begun during another one is done one round later. One trouble may follow another, so it takes longer
than these together."""

READ_AGAIN = timedelta(hours=3)
"""By then the bot has read a request again that has not changed. It reads it once per poll, so every ten minutes, and
about half of these reads fail."""

QUIET = timedelta(minutes=10)
"""The longest pause between two rounds of the bot: it polls as rarely as it may."""

LULL = timedelta(minutes=40)
"""The pause between two rounds when nobody has anything left to do. Nothing could be noticed in between."""

TRIES = 60
"""Number of tries until a person stops and would ask a colleague."""

Minutes = float
Agenda = AsyncIterator[Minutes]
"""The actions of one person. It yields the minutes until the person's next action."""

WHY = "The director's MacBook was stolen at the airport an hour ago, it is unlocked and online"


@dataclass
class Town:
    """A day in the harshest tenant, with its people, and with the judge that checks everything the bot says."""

    day: Office
    judge: Judge
    ear: Ear
    weather: Weather
    dice: Random
    agendas: list[tuple[datetime, int, Agenda]] = field(default_factory=list)
    behind: dict[str, datetime] = field(default_factory=dict)
    looked_at: tuple[int, ...] = ()
    _numbers: Iterator[int] = field(default_factory=lambda: iter(range(10**9)))

    @property
    def site(self) -> Tenant:
        return self.day.tenant

    @property
    def now(self) -> datetime:
        return self.site.clock.now()

    # --- time ------------------------------------------------------------------------------------------------------

    def begin(self, agenda: Agenda, after: Minutes = 0.0) -> None:
        """Start a person's agenda in so many minutes."""
        heappush(self.agendas, (self.now + timedelta(minutes=after), next(self._numbers), agenda))

    async def live(self, until: timedelta) -> None:
        """Let this time pass, and let everybody follow their agenda."""
        end = self.now + until
        while self.now < end:
            await self._pass_time(min(end, self.agendas[0][0] if self.agendas else end))
            if self.agendas and self.agendas[0][0] <= self.now:
                _, _, agenda = heappop(self.agendas)
                async for pause in agenda:
                    self.begin(agenda, pause)
                    break
                await self.round()

    async def _pass_time(self, until: datetime) -> None:
        """Let time pass from one due effect to the next. Nothing can be seen in between."""
        while self.now < until:
            due = await self.day.bot.store.outbox.first_due()
            soonest = min(until, self.now + self._pause(), max(due or until, self.now + self._nap()))
            self.site.clock.advance(max(soonest - self.now, timedelta(seconds=1)))
            await self.round()

    def _pause(self) -> timedelta:
        """Return the time until the bot polls again."""
        if not self.judge.has_all:
            return RETRY
        return LULL if self._is_quiet else QUIET

    def _nap(self) -> timedelta:
        """Return how late the bot may be with due effects. It may be late only when nobody waits."""
        return LULL / 2 if self._is_quiet else timedelta(0)

    @property
    def _is_quiet(self) -> bool:
        return not self.agendas and not self.behind

    async def round(self) -> None:
        """Let the bot poll if it is time, and do everything that is due; then check all cards and votes."""
        self.judge.mark()
        with suppress(PortError):
            await self.day.bot.poller.turn()
        self.judge.mark()
        while await self.day.bot.worker.do_due():
            self.judge.mark()
        await self.look_at_all()

    # --- what must hold at every moment ------------------------------------------------------------------------------

    async def look_at_all(self) -> None:
        """Check that each place has its card and no second one, that each card is true, and that no vote is lost. What
        the bot was kept from doing has until `PROMISE`."""
        if self.judge.happened != self.looked_at:  # otherwise nothing was said, stored or done since
            self.looked_at = self.judge.happened
            wrong = [problem async for problem in self._problems()]
            self.behind = {one: self.behind.get(one, self.now) for one in wrong}
        self.judge.wrong += [
            f"{self.now:%d %H:%M:%S} since {since:%H:%M:%S}: {one}"
            for one, since in self.behind.items()
            if self.now - since > PROMISE
        ]

    async def _problems(self) -> AsyncIterator[str]:
        for errand in self.judge.errands:
            request = self.judge.latest(errand)
            if request is None:
                if errand.filed and errand.statuses[-1] == "needsApproval":
                    yield f"{errand.title}: nobody has heard of it"
                continue
            self._lost_votes(errand, request)
            for problem in self._behind(errand, request):
                yield problem
            for name in errand.channels if request.takes_votes else ():
                if not self._shown(errand, request, self.site.channels[name]):
                    yield f"{errand.title}: no true card with buttons in {name}"
            async for problem in self._untrue(errand, request):
                yield problem
            self._too_many(errand, request)

    def _lost_votes(self, errand: Errand, request: Request) -> None:
        """Report votes that were promised and are missing, and votes that nobody has given."""
        cast = {(vote.voter.name, str(vote.verdict)) for vote in request.votes}
        if errand.promised - cast:
            self.judge.wrong.append(f"{errand.title}: {errand.promised - cast} were promised and are not there")
        if cast - errand.clicked:
            self.judge.wrong.append(f"{errand.title}: {cast - errand.clicked} were never given")

    def _behind(self, errand: Errand, request: Request) -> Iterator[str]:
        """Yield where the store does not know what Intune says, or how far every device is."""
        status = request.intune_status
        if status is not None and errand.filed and status != errand.statuses[-1] and not self.judge.lags(errand):
            yield f"{errand.title}: Intune says {errand.statuses[-1]} and the store {status}"
        sizes = [one.members for one in request.subject.sizes]
        had_time = errand.sized_at is not None and self.now - errand.sized_at > READ_AGAIN
        over = request.ended_in_intune or status == "completed"
        if had_time and not over and sizes != errand.sizes[-1:]:
            yield f"{errand.title}: {errand.group} holds {errand.sizes[-1]}, and {sizes} is known"
        sent = request.sent
        if sent is None or not errand.devices:
            return
        known = [one.execution for one in sent.devices] or [request.execution]
        for device, execution in zip(errand.devices, known, strict=True):
            if execution not in device.may_be(self.site):
                yield f"{errand.title}: {device.record['deviceName']} was {device.been}, and is said to be {execution}"

    def cards(self, errand: Errand, place: Conversation) -> list[Message]:
        """Return the cards of this errand in the place, oldest first."""
        known = self.judge.id_of(errand)
        standing = [one for one in place.messages if not one.deleted]
        return [one for one in standing if (claims := self.judge.read(one)) and claims.request == known]

    def _shown(self, errand: Errand, request: Request, place: Conversation) -> bool:
        for message in self.cards(errand, place):
            claims = self.judge.read(message)
            if claims and "details" in claims.verbs and not list(self.judge.card_differs(claims, request)):
                return True
        return False

    async def _untrue(self, errand: Errand, request: Request) -> AsyncIterator[str]:
        """Yield what is untrue on the cards that the bot knows."""
        for copy in await self.day.bot.store.copies.of(request.id):
            place = self.site.connector.places.find(copy.conversation) if copy.lives else None
            message = place.message(copy.activity_id) if place else None
            if message is None or place is None:
                continue
            claims = self.judge.read(message)
            if claims is None:
                continue
            for problem in self.judge.card_differs(claims, request):
                yield f"{errand.title}: the card in {place.name} says: {problem}"
            if ("approve" in claims.verbs) and not request.takes_votes:
                yield f"{errand.title}: the card in {place.name} can still be voted on"

    def _too_many(self, errand: Errand, request: Request) -> None:
        """Report a place with more cards than one, plus one for each post whose answer was lost."""
        for place in self.site.connector.places.all():
            standing = len(self.cards(errand, place))
            if standing > 1 + self._lost_posts(place):
                self.judge.wrong.append(f"{errand.title}: {standing} cards in {place.name}")

    def _lost_posts(self, place: Conversation) -> int:
        """Return how many posts were done in this place without the bot learning of it, or learning the message's id.

        A new thread is posted to an address that names no channel, so such posts count for every channel.
        """
        done = {"connection cut after it happened", "done, and answered 202 without an id",
                "done, and a status instead of the answer all the same"}  # fmt: skip
        posts = [one.path for one in self.weather.met if one.method == "POST" and one.kind in done]
        return sum(path.endswith("/conversations") or place.id in path for path in posts)

    # --- people ----------------------------------------------------------------------------------------------------

    async def press(self, name: str, on: Message, verb: str, inputs: dict[str, str] | None = None) -> Answer | None:
        """Press a button as this person. Return None if they see an error, although the press may have taken effect."""
        client, before = self.day.client(name), dict(on.personal)
        self.judge.mark()
        try:
            answer = await client.click(on, verb, inputs, force=True)
            if self.dice.random() < 0.05:  # Teams delivers it a second time
                answer = await client.resend(on)
        except (aiohttp.ClientError, LookupError):
            return None
        finally:
            self.ear.listen()
        await self.round()
        if self.dice.random() < 0.08 or answer.status != 200 or answer.error:
            on.personal.clear()
            on.personal.update(before)
            return None
        if answer.card is not None:
            self.judge.hear_card(answer.card, f"the view of {name}")
        return answer

    async def open_link(self, name: str, url: str, about: Errand) -> str:
        """Sign in as this person. Return the text of the last page; empty if they see none."""
        self.judge.mark()
        page = ""
        with suppress(aiohttp.ClientError, KeyError):
            page = await sign_in(self.site.session, name, url)
        self.ear.listen()
        self.judge.hear_words(page, f"page for {name}", about)
        await self.round()
        return page

    def newest(self, errand: Errand, place: Conversation) -> Message | None:
        """Return the card of the errand that a person finds there: usually the newest, now and then an older one."""
        found = self.cards(errand, place)
        if not found:
            return None
        return found[-1] if self.dice.random() < 0.8 else self.dice.choice(found)

    def view(self, name: str, message: Message) -> list[str]:
        """Return the verbs of the buttons that this person sees on the message."""
        return verbs_of(self.day.client(name).card(message))

    async def vote(self, name: str, errand: Errand, verdict: str, where: str, note: str = "") -> Agenda:
        """Vote as this person, sign in where that is asked for, and try again until the vote is done."""
        full = self.site.world.user(name).name
        for _ in range(TRIES):
            if self._is_done(full, errand, verdict):
                return
            message = self.newest(errand, self.site.channels[where])
            if message is not None:
                await self._go_on(name, message, errand, verdict, note)
            yield self.dice.uniform(0.2, 6)
        message = self.newest(errand, self.site.channels[where])
        seen = text_of(self.day.client(name).card(message)) if message else "no card"
        self.judge.wrong.append(f"{errand.title}: {name} gives up to {verdict} at {self.now:%d %H:%M}, seeing: {seen}")

    def _is_done(self, full: str, errand: Errand, verdict: str) -> bool:
        request = self.judge.latest(errand)
        if request is None:
            return False
        if request.takes_votes:
            return any(vote.voter.name == full and vote.verdict == verdict for vote in request.votes)
        return errand.statuses[-1] not in ("needsApproval", "unfiled") or request.decision is Decision.EXPIRED

    async def _go_on(self, name: str, message: Message, errand: Errand, verdict: str, note: str) -> None:
        """Take the next step that the person's view offers."""
        card, seen = self.day.client(name).card(message), self.view(name, message)
        links = [str(one["url"]) for one in actions(card) if one.get("title") == "Sign in"]
        confirm = f"confirm-{verdict}"
        if links:
            errand.clicked.add((self.site.world.user(name).name, verdict))
            await self.open_link(name, links[0], errand)
            message.personal.pop(self.site.world.user(name).id, None)
        elif confirm in seen:
            errand.clicked.add((self.site.world.user(name).name, verdict))
            answer = await self.press(name, message, confirm, {"note": note})
            if (
                answer
                and answer.card
                and f"You {verdict}{'d' if verdict == 'approve' else 'ed'} this." in text_of(answer.card)
            ):
                errand.promised.add((self.site.world.user(name).name, verdict))
        elif step := next((one for one in ("finish", verdict) if one in seen), None):
            await self.press(name, message, step)
        else:
            message.personal.pop(self.site.world.user(name).id, None)

    def file(self, errand: Errand, filed: str, *devices: str) -> Errand:
        """Note that a request was filed in Intune. Now and then give it a time that makes no sense."""
        errand.filed, errand.statuses = filed, ["needsApproval"]
        self.judge.begin(errand, *(devices or (errand.target,)))
        if self.dice.random() < 0.3:
            harshest.odd_times(self.site, filed, self.dice)
        return errand

    async def after(self, holds: Callable[[], bool]) -> Agenda:
        """Wait until this holds."""
        while not holds():
            yield 10.0

    async def write(self, name: str, text: str, holds: Callable[[Message], bool]) -> AsyncIterator[Minutes | Message]:
        """Write to the bot as this person, again and again, until it answers with such a card."""
        chat = self.day.chat(name)
        for _ in range(TRIES):
            known = len(chat.messages)
            self.judge.mark()
            await self.day.client(name).say(chat, text)
            self.ear.listen()
            await self.round()
            if found := [one for one in chat.messages[known:] if one.card and holds(one)]:
                yield found[-1]
                return
            yield self.dice.uniform(1, 4)
        self.judge.wrong.append(f"{name} gives up to write {text}")

    def status(self, errand: Errand) -> str:
        """Return the status of the errand in Intune."""
        return errand.statuses[-1]

    async def complete(self, name: str, errand: Errand) -> Agenda:
        """Complete the request as the person who filed it, some time after it was approved."""
        async for pause in self.after(lambda: self.status(errand) == "approved"):
            yield pause
        yield self.dice.uniform(0, 20)
        if self.status(errand) == "approved":
            self.site.portal.complete(name, errand.filed)
            self.judge.look()


# --- what people want done -----------------------------------------------------------------------------------------


async def stolen_laptop(here: Town) -> Agenda:
    """Play a wipe that is filed in the portal. Perhaps it becomes urgent, and perhaps an approver claims it first."""
    filed = here.site.portal.file_wipe("rita", "PC-1", "Stolen on the train")
    wanted = Errand("Wipe PC-1", "PC-1", "Rita Rossi", "Stolen on the train", (KEEPERS,), (APPROVALS,))
    errand = here.file(wanted, filed)
    here.begin(here.complete("rita", errand))
    who = here.dice.choice(["dana", "sam"])
    if here.dice.random() < 0.5:
        here.begin(hurry(here, "petra", errand, APPROVALS), here.dice.uniform(1, 30))
    if here.dice.random() < 0.5:
        here.begin(claim(here, who, errand, APPROVALS), here.dice.uniform(1, 40))
    yield here.dice.uniform(1, 60)
    async for pause in here.vote(who, errand, "approve", APPROVALS, "Checked with the police"):
        yield pause


async def new_script(here: Town) -> Agenda:
    """Play a script that people of two groups approve. Perhaps one of them withdraws the vote and gives it again."""
    text, reason = "Update-MpSignature\n", "Signatures are a week old"
    filed = here.site.portal.file_script("petra", "Update-Defender", text, reason)
    title = "Create script Update-Defender"
    errand = here.file(Errand(title, "Update-Defender", "Petra Peters", reason, SCRIPT, (BOARD,)), filed)
    here.begin(here.complete("petra", errand))
    pair = ["alex", "cora"]
    here.dice.shuffle(pair)
    yield here.dice.uniform(1, 60)
    async for pause in here.vote(pair[0], errand, "approve", BOARD, "Read it"):
        yield pause
    if here.dice.random() < 0.4:
        yield here.dice.uniform(1, 30)
        async for pause in withdraw(here, pair[0], errand, BOARD):
            yield pause
        async for pause in here.vote(pair[0], errand, "approve", BOARD, "Read it again"):
            yield pause
    yield here.dice.uniform(0, 60)
    async for pause in here.vote(pair[1], errand, "approve", BOARD):
        yield pause


async def too_much(here: Town) -> Agenda:
    """Play a new role that an approver rejects."""
    reason = "The helpdesk asked for it"
    allowed = ["Microsoft.Intune_ManagedDevices_Delete"]
    filed = here.site.portal.file_role("petra", "Helpdesk Plus", allowed, reason)
    wanted = Errand("Create role Helpdesk Plus", "Helpdesk Plus", "Petra Peters", reason, (ROLES,), (APPROVALS,))
    errand = here.file(wanted, filed)
    yield here.dice.uniform(1, 90)
    who = here.dice.choice(["alex", "ivan"])
    async for pause in here.vote(who, errand, "reject", APPROVALS, "Too much for a first line"):
        yield pause


async def nobody_answers(here: Town) -> Agenda:
    """Play a request that nobody answers: everybody is reminded of it, and it runs to its deadline."""
    filed = here.site.portal.file_wipe("rita", "PHONE-4", "Lost in a taxi")
    here.file(Errand("Wipe PHONE-4", "PHONE-4", "Rita Rossi", "Lost in a taxi", (KEEPERS,), (APPROVALS,)), filed)
    if here.dice.random() < 0.5:
        yield here.dice.uniform(10, 300)
        here.site.graph.knobs.hidden_from_apps.add(filed)
        yield here.dice.uniform(5, 60)
        here.site.graph.knobs.hidden_from_apps.discard(filed)


async def asked_in_chat(here: Town) -> Agenda:
    """Play a wipe from the first word to the last in chat, without the portal."""
    wanted = Errand("Wipe PC-2", "PC-2", "Otto Okafor", "Broken screen", (KEEPERS,), (APPROVALS,), is_order=True)
    here.judge.begin(wanted, "PC-2")
    while here.judge.latest(wanted) is None:
        async for got in here.write("otto", "/wipe PC-2", lambda one: "ask" in verbs_of(one.card)):
            if isinstance(got, Message):
                await here.press("otto", got, "ask", {"reason": "Broken screen", "name": "PC-2"})
            yield here.dice.uniform(1, 3)
    yield here.dice.uniform(1, 60)
    who = here.dice.choice(["dana", "sam", "petra"])
    async for pause in here.vote(who, wanted, "approve", APPROVALS):
        yield pause


async def emergency(here: Town) -> Agenda:
    """Play Ivan's break-glass on his own request, which one other person then has to approve."""
    filed = here.site.portal.file_wipe("ivan", "MAC-3", "Stolen at the airport")
    wanted = Errand("Wipe MAC-3", "MAC-3", "Ivan Ilic", "Stolen at the airport", (KEEPERS,), (APPROVALS,))
    errand = here.file(wanted, filed)
    here.begin(here.complete("ivan", errand))
    yield here.dice.uniform(5, 40)
    async for pause in here.after(lambda: bool(here.judge.id_of(errand))):
        yield pause
    request_id = here.judge.id_of(errand)
    while not _has_glass(here, errand):
        async for got in here.write("ivan", f"/breakglass {request_id}", lambda one: "break" in verbs_of(one.card)):
            if isinstance(got, Message):
                async for pause in break_glass(here, got, errand):
                    yield pause
            else:
                yield got
    yield here.dice.uniform(1, 30)
    async for pause in here.vote(here.dice.choice(["sam", "dana"]), errand, "approve", APPROVALS):
        yield pause


async def break_glass(here: Town, prompt: Message, errand: Errand) -> Agenda:
    """Fill in the prompt as Ivan, and sign in where that is asked for, for as long as the prompt is valid."""
    for _ in range(8):
        card = here.day.client("ivan").card(prompt)
        links = [str(one["url"]) for one in actions(card) if one.get("title") == "Sign in"]
        if links:
            await here.open_link("ivan", links[0], errand)
            prompt.personal.clear()
        else:
            await here.press("ivan", prompt, "break", {"why": WHY, "name": errand.target})
        if _has_glass(here, errand):
            return
        yield here.dice.uniform(0.5, 2)


def _has_glass(here: Town, errand: Errand) -> bool:
    latest = here.judge.latest(errand)
    return latest is not None and bool(latest.glass)


async def whole_shipment(here: Town) -> Agenda:
    """Play one wipe of three devices. The request is done only when all three have been wiped."""
    ids, reason = list(fleet(3)), "The leasing has ended"
    filed = here.site.portal.file_bulk("rita", "wipe", ids, reason)
    wanted = Errand(f"Wipe {len(ids)} devices", "PC-000", "Rita Rossi", reason, (KEEPERS,), (APPROVALS,))
    errand = here.file(wanted, filed, *(here.site.world.devices[one]["deviceName"] for one in ids))
    here.begin(here.complete("rita", errand))
    yield here.dice.uniform(1, 60)
    async for pause in here.vote(here.dice.choice(["dana", "sam"]), errand, "approve", APPROVALS, "Counted them"):
        yield pause


async def a_few_join(here: Town) -> Agenda:
    """Play a script whose group grows a little between two votes. Both votes stand."""
    async for pause in growing(here, "Clear-TempFolders", LAPTOPS, 3):
        yield pause


async def a_merger(here: Town) -> Agenda:
    """Play a script whose group grows by a whole company. The person who has voted must vote again."""
    async for pause in growing(here, "Disable-LegacyTLS", PILOT, 60):
        yield pause


async def growing(here: Town, script: str, group: str, joining: int) -> Agenda:
    """Play a script with votes of two people, between which this many members join its group."""
    reason = f"{script} was tried out"
    filed = here.site.portal.assign_script("petra", script, group, reason)
    title = f"Assign script {script} to {group}"
    errand = here.file(Errand(title, script, "Petra Peters", reason, SCRIPT, (BOARD,), group=group), filed)
    here.begin(here.complete("petra", errand))
    yield here.dice.uniform(1, 60)
    async for pause in here.vote("alex", errand, "approve", BOARD, "Read it"):
        yield pause
    yield here.dice.uniform(1, 30)
    join(here.site, group, joining)
    if joining > 20:
        errand.promised.clear()
        async for pause in here.after(lambda: not here.judge.votes(errand)):
            yield pause
    yield here.dice.uniform(1, 30)
    for name in ("alex", "cora"):
        async for pause in here.vote(name, errand, "approve", BOARD, "It may reach all of them"):
            yield pause


def join(site: Tenant, group: str, many: int) -> None:
    """Add this many members to a group."""
    members = site.world.group(group).members
    members |= {guid("joined", f"{group} {len(members) + number}") for number in range(many)}


async def app_for_some(here: Town) -> Agenda:
    """Play an app that is assigned to those devices of a group that a filter lets through."""
    reason, name = "Everybody asks for it", "7-Zip"
    target = {
        "@odata.type": "#microsoft.graph.groupAssignmentTarget",
        "groupId": here.site.world.group(LAPTOPS).id,
        "deviceAndAppManagementAssignmentFilterId": assignment_filter(*ONLY)["id"],
        "deviceAndAppManagementAssignmentFilterType": "include",
    }
    asked = {"@odata.type": "#microsoft.graph.mobileAppAssignment", "intent": "required", "target": target}
    body = {"mobileAppAssignments": [asked]}
    filed = here.site.portal.file_call("petra", "deviceAppManagement/mobileApps", name, "assign", body, reason)
    title = f"Assign app {name} to {LAPTOPS}"
    wanted = Errand(title, name, "Petra Peters", reason, (DIRECTORS,), (APPROVALS,), group=LAPTOPS, only=ONLY)
    errand = here.file(wanted, filed)
    here.begin(here.complete("petra", errand))
    yield here.dice.uniform(1, 90)
    async for pause in here.vote("ivan", errand, "approve", APPROVALS):
        yield pause


STORY = (
    stolen_laptop,
    new_script,
    too_much,
    nobody_answers,
    asked_in_chat,
    emergency,
    whole_shipment,
    a_few_join,
    a_merger,
    app_for_some,
)


async def hurry(here: Town, name: str, errand: Errand, where: str) -> Agenda:
    """Make the request urgent as this person."""
    for _ in range(TRIES):
        request, message = here.judge.latest(errand), here.newest(errand, here.site.channels[where])
        if request is not None and (request.urgent or not request.takes_votes):
            return
        if message is not None:
            seen = here.view(name, message)
            step = next((one for one in ("make-urgent", "urgent", "details") if one in seen), None)
            if step:
                await here.press(name, message, step, {"note": "It is unlocked"})
            else:
                message.personal.pop(here.site.world.user(name).id, None)
        yield here.dice.uniform(0.2, 4)


async def claim(here: Town, name: str, errand: Errand, where: str) -> Agenda:
    """Claim the request as this person, so that nobody is reminded for a while."""
    for _ in range(5):
        message = here.newest(errand, here.site.channels[where])
        if message is not None:
            await here.day.client(name).refresh(message)
            if "claim" in here.view(name, message):
                await here.press(name, message, "claim")
                return
        yield 2.0


async def withdraw(here: Town, name: str, errand: Errand, where: str) -> Agenda:
    """Withdraw this person's vote."""
    full = here.site.world.user(name).name
    for _ in range(TRIES):
        request, message = here.judge.latest(errand), here.newest(errand, here.site.channels[where])
        if request is None or not request.takes_votes or not any(one.voter.name == full for one in request.votes):
            return
        if message is not None:
            errand.promised.discard((full, "approve"))
            if "withdraw" in here.view(name, message):
                await here.press(name, message, "withdraw")
            else:
                await here.press(name, message, "details" if "details" in here.view(name, message) else "back")
                message.personal.pop(here.site.world.user(name).id, None)
        yield here.dice.uniform(0.2, 4)


def furnish(site: Tenant) -> None:
    """Add what only this story needs: a fleet, an empty group, held apps, and a filter."""
    site.world.devices |= fleet(3)
    pilot, only = Group(guid("group", PILOT), PILOT), assignment_filter(*ONLY)
    site.world.groups[pilot.id] = pilot
    site.world.objects["assignmentFilters"][only["id"]] = only
    site.world.protect("app", *DIRECTORS)


@asynccontextmanager
async def town(seed: int, directory: Path, patch: pytest.MonkeyPatch) -> AsyncIterator[Town]:
    """Open a day in the harshest tenant with this seed. The weather begins when the bot has started."""
    random.seed(seed)  # the bot's own jitter
    judge = Judge([])
    ear = Ear(judge.hear)
    weathers: list[Weather] = []

    def prepare(site: Tenant) -> None:
        let_directors_approve(site)
        furnish(site)
        weathers.append(harshest.harshen(site, seed))

    everything = {"approverGroups": list(DIRECTORS)}
    ours = {"everythingElse": everything, "asking": True, "night": True, "pollEvery": "PT10M"}
    async with office(directory, prepare=prepare, watch=ear.watch, **ours) as day:  # type: ignore[arg-type]
        judge.site = ear.site = day.tenant
        ear.listen()
        judge.wrong.clear()
        requests = day.bot.store.requests
        patch.setattr(requests, "commit", recording(requests, judge))
        patch.setattr(Poll, "_read", _noticing(Poll._read, judge))
        here = Town(day, judge, ear, weathers[0], Random(seed))
        here.weather.on = True
        yield here


def _noticing(reads: Callable[..., Awaitable[Polled]], judge: Judge) -> Callable[..., Awaitable[Polled]]:
    """Return the poll function as it is, but tell the judge what each complete poll has read."""

    async def noticed(poll: Poll, *, leading: bool) -> Polled:
        judge.look()
        judge.has_all = False
        known = judge.shown()
        polled = await reads(poll, leading=leading)
        judge.has_all = polled is Polled.COMPLETE
        if judge.has_all:
            judge.has_read(known)
        return polled

    return noticed
