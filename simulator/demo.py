"""The main job, played: people at the portal and in Teams, and the real bot between them as a process of its own."""

import asyncio
import tempfile
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console

from simulator.bot_process import DidNotStart, running_bot
from simulator.browser import sign_in
from simulator.clock import WallClock
from simulator.site import serve
from simulator.teams.buttons import actions
from simulator.teams.clients import Answer
from simulator.teams.places import Conversation, Message
from simulator.tenant import Tenant, tenant
from simulator.terminal import Narrator, plain
from simulator.window import Window

PATIENCE = 30.0
"""Seconds until something that should happen counts as not happened; it takes one or two."""

SCRIPT = "Set-MpPreference -DisableRealtimeMonitoring $false\nUpdate-MpSignature\n"


class NotAsTold(Exception):
    """A step of the story did not truly happen."""


async def demo(*, keep: bool) -> int:
    """Play the story; 0 only if every step truly happened. With `keep` everything goes on running until Ctrl-C."""
    console = Console(highlight=False)
    narrator = Narrator(console)
    try:
        async with AsyncExitStack() as stack:
            directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="countersign-demo-")))
            with narrator.waiting("Starting a Microsoft tenant and the bot on this machine…"):
                site = await stack.enter_async_context(tenant(WallClock()))
                await stack.enter_async_context(running_bot(site, directory, asking=True, pollEvery="PT1S"))
            await Story(site, narrator).play()
            _where_next(console, site)
            if keep:
                window = await stack.enter_async_context(serve(Window(site).app(), None))
                console.print(f"  Click for yourself: {window}   (Ctrl-C ends everything)")
                await asyncio.Event().wait()
    except (NotAsTold, DidNotStart) as error:
        narrator.failed(str(error))
        return 1
    return 0


class Story:
    """The policy document's test of the workflow, and what else it has to withstand."""

    def __init__(self, site: Tenant, narrator: Narrator) -> None:
        self._site = site
        self._tell = narrator

    async def play(self) -> None:
        """Every chapter in turn; raises `NotAsTold` at the first step that did not happen."""
        await self._installation()
        await self._wipe()
        await self._script()
        await self._rejection()
        await self._behind_the_back()
        await self._from_chat()

    async def _installation(self) -> None:
        self._tell.chapter("The bot is added to its channels")
        for name, channel in self._site.channels.items():
            await self._site.teams.install(channel, self._site.world.user("marc"))
            await self._until(partial(_has_messages, channel), f"the bot says hello in {name}")
        self._tell.done("Approvals, Change Advisory Board, Operations: the bot says what each of them will get.")

    async def _wipe(self) -> None:
        self._tell.chapter("1  A stolen laptop is to be wiped")
        filed = self._site.portal.file_wipe("rita", "PC-1", "Stolen on the train this morning, INC-2041")
        self._check(not self._device("PC-1")["deviceActionResults"], "the device was wiped at once")
        self._tell.done("Rita, a regular admin, asks Intune to wipe PC-1. Intune holds it back, and tells nobody.")
        card = await self._card("Approvals", "PC-1")
        self._tell.done("The card appears in the approvers' channel.")
        self._tell.shows(card.card or {}, "Approvals")
        await self._refused("rita", card, "Rita tries to approve her own request")
        await self._refused("otto", card, "Otto, who is in no approver group, tries it")
        await self._approve_and_sign_in("dana", card, filed)
        self._tell.done("Dana approves, confirms, signs in once - and Intune says approved, in her name.")
        self._site.portal.complete("rita", filed)
        self._site.clock.advance(timedelta(minutes=30))
        done = self._device("PC-1")["deviceActionResults"][-1]
        self._check(done["actionName"].lower() in {"wipe", "factoryreset"}, "the device was not wiped")
        self._tell.done("Rita presses Complete. Now, and only now, the device is wiped.")
        await self._until_says(card, "Completed")
        self._tell.shows(card.card or {}, "Approvals")

    async def _script(self) -> None:
        self._tell.chapter("2  A script needs one person of each of two groups")
        filed = self._site.portal.file_script("petra", "Update-Defender", SCRIPT, "Signatures are a week old, CHG-118")
        card = await self._card("Change Advisory Board", "Update-Defender")
        self._tell.done("Petra asks to deploy a script. Its card goes to the Change Advisory Board.")
        await self._vote("alex", card, "approve", "confirm-approve")
        await self._until_says(card, "1 of 2 approvals")
        self._check(self._status(filed) == "needsApproval", "one approval was enough")
        self._tell.done("Alex of Security-Admins approves. One of two: Intune hears nothing yet.")
        await self._approve_and_sign_in("cora", card, filed)
        self._tell.done("Cora of the Change-Advisory-Board completes the quorum, and Intune says approved.")
        self._site.portal.complete("petra", filed)
        await self._until_says(card, "Completed")
        self._tell.done("Petra presses Complete, and the script is there.")

    async def _rejection(self) -> None:
        self._tell.chapter("3  A role change is rejected")
        filed = self._site.portal.file_role(
            "petra", "Helpdesk Plus", ["Microsoft.Intune_ManagedDevices_Delete"], "The helpdesk asked for it"
        )
        card = await self._card("Approvals", "Helpdesk Plus")
        answer = await self._vote("ivan", card, "reject", "confirm-reject", "Too much for a first line. Ask for less.")
        await self._sign_in("ivan", answer)
        await self._until(lambda: self._status(filed) == "rejected", "Intune says rejected")
        await self._until_says(card, "Rejected")
        self._tell.done("Ivan rejects it and says why. Intune says rejected, and Petra is told.")

    async def _behind_the_back(self) -> None:
        self._tell.chapter("4  Somebody approves in the portal, past the quorum")
        filed = self._site.portal.assign_script(
            "petra", "Update-Defender", "All-Windows-Laptops", "Roll it out, CHG-118"
        )
        card = await self._card("Change Advisory Board", "All-Windows-Laptops")
        self._site.portal.approve("alex", filed, "looks fine")
        await self._until_says(card, "below quorum")
        alarms = self._site.channels["Operations"]
        await self._until(
            lambda: any("Update-Defender" in one.text for one in alarms.messages), "Operations is alarmed"
        )
        self._tell.done("Alex approves in the portal, alone. The bot notices, says so, and alarms Operations.")
        self._tell.shows(card.card or {}, "Change Advisory Board")
        self._tell.says("Operations", alarms.messages[-1].text)

    async def _from_chat(self) -> None:
        self._tell.chapter("5  A wipe is asked for in chat, and the bot sees to it until it is done")
        asked = await self._ask("otto", "/wipe PC-2", "PC-3")
        self._tell.done("Otto of the service desk writes /wipe PC-2, and types the wrong device's name.")
        self._tell.says("Card", _first_line(self._site.teams.client("otto").card(asked)))
        before = len(self._site.graph.requests())
        await self._confirm("otto", asked, "PC-2")
        card = await self._card("Approvals", "PC-2")
        self._check(len(self._site.graph.requests()) == before, "it was filed before anybody approved")
        self._tell.done("He corrects it. The approvers get the card; Intune knows nothing of it yet.")
        await self._refused("otto", card, "Otto tries to approve it himself")
        answer = await self._vote("dana", card, "approve", "confirm-approve")
        await self._sign_in("dana", answer)
        filed = self._site.graph.requests()[0]
        await self._until(lambda: filed.status == "completed", "the bot completes it")
        self._tell.done("Dana approves and signs in: filed, approved in her name, completed by the bot, in one go.")
        self._site.clock.advance(timedelta(minutes=30))
        await self._until_says(card, "Done")
        wipes = [one for one in self._device("PC-2")["deviceActionResults"] if one["actionName"] == "wipe"]
        self._check(len(wipes) == 1, f"the device was wiped {len(wipes)} times")
        self._tell.done("The device was wiped, once. Otto's own card says so, step by step.")
        self._tell.shows(self._site.teams.client("otto").card(asked), "Otto's chat")
        await self._own_approval_in_the_portal()

    async def _own_approval_in_the_portal(self) -> None:
        """Intune knows the bot as the requestor, so it lets the person behind it approve; the bot does not."""
        asked = await self._ask("petra", "/retire PHONE-4", "")
        await self._confirm("petra", asked, "")
        card = await self._card("Approvals", "PHONE-4")
        await self._vote("dana", card, "approve", "confirm-approve")
        await self._until(lambda: self._site.graph.requests()[0].details["payloadName"] == "PHONE-4", "it is filed")
        self._site.portal.approve("petra", self._site.graph.requests()[0].id, "fine by me")
        await self._until_says(card, "by the one who asked")
        self._check(not self._device("PHONE-4")["deviceActionResults"], "the phone was retired")
        self._tell.done("Petra asks to retire a phone and approves it herself in the portal, where Intune lets her.")
        self._tell.says("Operations", self._site.channels["Operations"].messages[-1].text)

    async def _ask(self, name: str, text: str, typed: str) -> Message:
        """Write a command in the 1:1 chat and confirm it; the card that answered."""
        chat = self._site.connector.places.personal(self._site.world.user(name))
        known = len(chat.messages)
        await self._site.teams.client(name).say(chat, text)
        await self._until(lambda: len(chat.messages) > known, f"the bot answers {text}")
        return await self._confirm(name, chat.messages[-1], typed) if typed else chat.messages[-1]

    async def _confirm(self, name: str, card: Message, typed: str) -> Message:
        inputs = {"reason": "Left in a taxi last night, INC-2077", "name": typed}
        answer = await self._site.teams.client(name).click(card, "ask", inputs)
        self._check(answer.card is not None, f"{name} could not ask: {answer.error}")
        return card

    async def _approve_and_sign_in(self, name: str, card: Message, filed: str) -> None:
        answer = await self._vote(name, card, "approve", "confirm-approve")
        await self._sign_in(name, answer)
        await self._until(lambda: self._status(filed) == "approved", "Intune says approved")

    async def _vote(self, name: str, card: Message, first: str, second: str, note: str = "") -> Answer:
        """Both steps, as somebody presses them."""
        client = self._site.teams.client(name)
        step = await client.click(card, first)
        self._check(step.status == 200 and step.card is not None, f"{name} got no second step: {step.error}")
        return await client.click(card, second, {"note": note})

    async def _sign_in(self, name: str, answer: Answer) -> None:
        links = [action["url"] for action in actions(answer.card or {}) if action.get("title") == "Sign in"]
        self._check(len(links) == 1, f"{name} was not asked to sign in")
        page = await sign_in(self._site.session, name, links[0])
        self._check("Intune has been told" in page, f"the sign-in ended with: {page}")

    async def _refused(self, name: str, card: Message, what: str) -> None:
        answer = await self._site.teams.client(name).click(card, "approve")
        sentence = _first_line(answer.card)
        self._check("confirm-approve" not in _verbs(answer.card), f"{name} could have approved")
        self._tell.done(f"{what}, and is told why not.")
        self._tell.says("Card", sentence)

    async def _card(self, channel: str, about: str) -> Message:
        """The newest card about something, once it stands there."""

        def found() -> Message | None:
            messages = reversed(self._site.channels[channel].messages)
            return next((one for one in messages if one.card and about in str(one.card)), None)

        await self._until(lambda: found() is not None, f"a card about {about} appears in {channel}")
        card = found()
        assert card is not None
        return card

    async def _until_says(self, card: Message, words: str) -> None:
        await self._until(lambda: words in str(card.card), f'the card says "{words}"')

    async def _until(self, happened: Callable[[], bool], what: str) -> None:
        with self._tell.waiting(f"Waiting until {what}…"):
            try:
                async with asyncio.timeout(PATIENCE):
                    while not happened():  # noqa: ASYNC110  it happens in another process, which rings no bell
                        await asyncio.sleep(0.05)
            except TimeoutError:
                raise NotAsTold(f"It did not happen that {what}.") from None

    def _check(self, holds: bool, otherwise: str) -> None:
        if not holds:
            raise NotAsTold(f"Not as told: {otherwise}.")

    def _status(self, filed: str) -> str:
        return self._site.graph.request(filed).status

    def _device(self, name: str) -> dict[str, Any]:
        return self._site.world.device(name)


def _has_messages(channel: Conversation) -> bool:
    return bool(channel.messages)


def _first_line(card: dict[str, Any] | None) -> str:
    """What stands on top of a person's own card."""
    first = (card or {}).get("body", [{}])[0]
    while "items" in first:
        first = first["items"][0]
    return plain(str(first.get("text", "")))


def _verbs(card: dict[str, Any] | None) -> set[str]:
    return {str(action.get("verb")) for action in actions(card or {})}


def _where_next(console: Console, site: Tenant) -> None:
    console.print()
    console.rule("Every step truly happened", align="left", style="green")
    console.print(
        f"  The bot made {len(site.graph.calls)} calls to Graph, over https, as it would in a real tenant.\n"
        "  Next: `python -m simulator demo --keep` to click for yourself,\n"
        "        docs/setup.md for a real tenant, config/approvals.json for your policy."
    )
