"""The demo's main story: people in the portal and in Teams, and the real bot as a separate process."""

import asyncio
import tempfile
from contextlib import AsyncExitStack
from datetime import timedelta
from functools import partial
from pathlib import Path

from rich.console import Console

from simulator.bot_process import DidNotStart, running_bot
from simulator.clock import WallClock
from simulator.harshest import harshen
from simulator.night import Night, in_seconds
from simulator.site import serve
from simulator.stage import NotAsTold, Stage, first_line
from simulator.teams.places import Conversation
from simulator.tenant import Tenant, tenant
from simulator.terminal import Narrator
from simulator.window import Window

SCRIPT = "Set-MpPreference -DisableRealtimeMonitoring $false\nUpdate-MpSignature\n"


async def demo(*, keep: bool, harshest: int | None = None) -> int:
    """Play the story and return 0 only if every step happened. With `keep` everything runs until Ctrl-C. With a random
    seed in `harshest`, the simulated tenant is as difficult as it can be."""
    console = Console(highlight=False)
    narrator = Narrator(console)
    try:
        async with AsyncExitStack() as stack:
            directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="countersign-demo-")))
            with narrator.waiting("Starting a simulated Microsoft tenant and the bot on this machine…"):
                site = await stack.enter_async_context(tenant(WallClock()))
                ours = {"asking": True, "night": True, "outside": True, **in_seconds()}
                if harshest is not None:
                    _harshen(site, harshest)
                await stack.enter_async_context(running_bot(site, directory, **ours))
            await Story(site, narrator).play()
            await Night(site, narrator).play()
            _where_next(console, site)
            if keep:
                window = await stack.enter_async_context(serve(Window(site).app(), None))
                console.print(f"  Try it yourself: {window}   (Ctrl-C stops everything)")
                await asyncio.Event().wait()
    except (NotAsTold, DidNotStart) as error:
        narrator.failed(str(error))
        return 1
    return 0


class Story(Stage):
    """The workflow test of the policy document, and further cases."""

    async def play(self) -> None:
        """Play all chapters; raises `NotAsTold` at the first step that did not happen."""
        await self._installation()
        await self._wipe()
        await self._script()
        await self._rejection()
        await self._behind_the_back()
        await self._from_chat()

    async def _installation(self) -> None:
        self.tell.chapter("The bot is added to its channels")
        for name, channel in self.site.channels.items():
            await self.site.teams.install(channel, self.site.world.user("marc"))
            await self.until(partial(_has_messages, channel), f"the bot introduces itself in {name}")
        self.tell.done("In Approvals, Change Advisory Board and Operations the bot says what it will post there.")

    async def _wipe(self) -> None:
        self.tell.chapter("1  A stolen laptop must be wiped")
        filed = self.site.portal.file_wipe("rita", "PC-1", "Stolen on the train this morning, INC-2041")
        self.check(not self.device("PC-1")["deviceActionResults"], "the device was wiped at once")
        self.tell.done(
            "Rita, an administrator, requests a wipe of PC-1 in Intune. Intune holds it and notifies nobody."
        )
        card = await self.card("Approvals", "PC-1")
        self.tell.done("The card appears in the approvers' channel.")
        self.tell.shows(card.card or {}, "Approvals")
        await self.refused("rita", card, "Rita tries to approve her own request")
        await self.refused("otto", card, "Otto, who is in no approver group, tries to approve it")
        await self.approve_and_sign_in("dana", card, filed)
        self.tell.done("Dana approves, confirms and signs in once. The request is approved in Intune, in her name.")
        self.site.portal.complete("rita", filed)
        self.site.clock.advance(timedelta(minutes=30))
        done = self.device("PC-1")["deviceActionResults"][-1]
        self.check(done["actionName"].lower() in {"wipe", "factoryreset"}, "the device was not wiped")
        self.tell.done("Rita presses Complete. The device is wiped only now.")
        await self.until_says(card, "Completed")
        self.tell.shows(card.card or {}, "Approvals")

    async def _script(self) -> None:
        self.tell.chapter("2  A script needs one approver from each of two groups")
        filed = self.site.portal.file_script("petra", "Update-Defender", SCRIPT, "Signatures are a week old, CHG-118")
        card = await self.card("Change Advisory Board", "Update-Defender")
        self.tell.done("Petra requests a script deployment. Its card is posted in Change Advisory Board.")
        await self.vote("alex", card, "approve", "confirm-approve")
        await self.until_says(card, "1 of 2 approvals")
        self.check(self.status(filed) == "needsApproval", "one approval was enough")
        self.tell.done("Alex from Security-Admins approves. This is one of two: nothing is sent to Intune yet.")
        await self.approve_and_sign_in("cora", card, filed)
        self.tell.done("Cora from Change-Advisory-Board completes the quorum. The request is approved in Intune.")
        self.site.portal.complete("petra", filed)
        self.site.clock.advance(timedelta(minutes=30))
        await self.until_says(card, "Completed")
        self.tell.done("Petra presses Complete. The script is created.")

    async def _rejection(self) -> None:
        self.tell.chapter("3  A role change is rejected")
        filed = self.site.portal.file_role(
            "petra", "Helpdesk Plus", ["Microsoft.Intune_ManagedDevices_Delete"], "The helpdesk asked for it"
        )
        card = await self.card("Approvals", "Helpdesk Plus")
        answer = await self.vote("ivan", card, "reject", "confirm-reject", "Too much for a first line. Ask for less.")
        await self.sign_in("ivan", answer)
        await self.until(lambda: self.status(filed) == "rejected", "Intune says rejected")
        await self.until_says(card, "Rejected")
        self.tell.done("Ivan rejects it and gives a reason. It is rejected in Intune, and Petra is notified.")

    async def _behind_the_back(self) -> None:
        self.tell.chapter("4  Somebody approves in the portal, without the quorum")
        filed = self.site.portal.assign_script(
            "petra", "Update-Defender", "All-Windows-Laptops", "Roll it out, CHG-118"
        )
        card = await self.card("Change Advisory Board", "All-Windows-Laptops")
        self.site.portal.approve("alex", filed, "looks fine")
        await self.until_says(card, "below quorum")
        alarms = self.site.channels["Operations"]
        await self.until(
            lambda: any("Update-Defender" in one.text for one in alarms.messages), "Operations gets an alarm"
        )
        self.tell.done("Alex approves alone, in the portal. The bot detects it and raises an alarm in Operations.")
        self.tell.shows(card.card or {}, "Change Advisory Board")
        self.tell.says("Operations", alarms.messages[-1].text)

    async def _from_chat(self) -> None:
        self.tell.chapter("5  A wipe is requested in chat, and the bot tracks it to the end")
        asked = await self.ask("otto", "/wipe PC-2", "PC-3")
        self.tell.done("Otto from the service desk writes /wipe PC-2, and types the wrong device name.")
        self.tell.says("Card", first_line(self.site.teams.client("otto").card(asked)))
        before = len(self.site.graph.requests())
        await self.confirm("otto", asked, "PC-2")
        card = await self.card("Approvals", "PC-2")
        self.check(len(self.site.graph.requests()) == before, "it was filed before anybody approved")
        self.tell.done("He corrects it. The approvers get the card. Nothing is sent to Intune yet.")
        await self.refused("otto", card, "Otto tries to approve it himself")
        answer = await self.vote("dana", card, "approve", "confirm-approve")
        await self.sign_in("dana", answer)
        filed = self.site.graph.requests()[0]
        await self.until(lambda: filed.status == "completed", "the bot completes it")
        self.tell.done("Dana approves and signs in. The bot files it, approves it in her name and completes it.")
        self.site.clock.advance(timedelta(minutes=30))
        await self.until_says(card, "✓ Done")
        wipes = [one for one in self.device("PC-2")["deviceActionResults"] if one["actionName"] == "wipe"]
        self.check(len(wipes) == 1, f"the device was wiped {len(wipes)} times")
        self.tell.done("The device was wiped exactly once. Otto's own card shows each step.")
        self.tell.shows(self.site.teams.client("otto").card(asked), "Otto's chat")
        await self._own_approval_in_the_portal()

    async def _own_approval_in_the_portal(self) -> None:
        """Show that Intune lets the initiator approve, because the bot is the requestor, and that the bot objects."""
        asked = await self.ask("petra", "/retire PHONE-4", "")
        await self.confirm("petra", asked, "")
        card = await self.card("Approvals", "PHONE-4")
        await self.vote("dana", card, "approve", "confirm-approve")
        await self.until(lambda: self.site.graph.requests()[0].details["payloadName"] == "PHONE-4", "it is filed")
        self.site.portal.approve("petra", self.site.graph.requests()[0].id, "fine by me")
        await self.until_says(card, "by the one who asked")
        self.check(not self.device("PHONE-4")["deviceActionResults"], "the phone was retired")
        self.tell.done("Petra requests to retire a phone and approves it herself in the portal. Intune allows it.")
        self.tell.says("Operations", self.site.channels["Operations"].messages[-1].text)


def _harshen(site: Tenant, seed: int) -> None:
    """Set every knob to its hardest value, except those of device actions: the demo shows how they end. Random faults
    stay off, because nobody in the demo tries again."""
    knobs = site.graph.knobs
    actions = ("action_delay", "action_outcome", "action_shown", "leaves", "comes_back")
    kinder = {name: getattr(knobs, name) for name in actions}
    harshen(site, seed)
    for name, value in kinder.items():
        setattr(knobs, name, value)


def _has_messages(channel: Conversation) -> bool:
    return bool(channel.messages)


def _where_next(console: Console, site: Tenant) -> None:
    console.print()
    console.rule("Every step was carried out", align="left", style="green")
    console.print(
        f"  The bot made {len(site.graph.calls)} calls to Graph, over https, as it would in a real tenant.\n"
        "  Next: `python -m simulator demo --keep` to try it yourself,\n"
        "        docs/setup.md for a real tenant, config/approvals.json for your policy."
    )
