"""Ways around the second person that Intune leaves open. Each is closed with a sentence and an alarm."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from aiohttp import web

from approvals.disagreement import Disagreement
from approvals.problems import OtherActor, OtherKey, Problem
from bot.store.vault import FernetVault
from cards.disagreements import sentence_of
from cards.problems import problem_sentence
from handlers.ports.orders import Call, Filer, FilingRoom, Taken
from simulator.story import ACTOR
from simulator.world import AccessPolicy
from tests.office import Office, day_with, rewired, sign_in_link, text_of, verbs_of

ASKING = day_with(asking=True)


def policy(day: Office, kind: str) -> AccessPolicy:
    """Return the access policy of that type."""
    [found] = [one for one in day.tenant.world.policies.values() if one.policy_type == kind]
    return found


def untouched(day: Office, device: str = "PC-1") -> bool:
    """Return whether nothing was done to the device."""
    return not day.tenant.world.device(device)["deviceActionResults"]


@dataclass(frozen=True)
class Acting:
    """A working filer that claims to be another application."""

    filer: Filer
    app_id: str

    async def file(self, call: Call, justification: str) -> Taken:
        return await self.filer.file(call, justification)

    async def complete(self, call: Call, intune_id: str) -> str:
        return await self.filer.complete(call, intune_id)

    async def cancel(self, intune_id: str) -> None:
        await self.filer.cancel(intune_id)


async def approved_but_not_signed_in(day: Office) -> str:
    """Return the Intune id of a wipe that Rita requested and Dana approved, and that is filed but not carried."""
    await day.ask("rita", "/wipe PC-1", typed="PC-1")
    await day.approve("dana", day.card())
    await day.pass_time(seconds=15)
    [filed] = day.tenant.graph.requests()
    assert filed.status == "needsApproval"
    return filed.id


@pytest.mark.parametrize(
    ("actor", "key", "problem"),
    [("an-intruder", "", OtherActor()), ("", "another key of 32 random characters", OtherKey())],
    ids=["another-application", "another-key"],
)
@ASKING
async def test_only_who_filed_it_completes_it(day: Office, actor: str, key: str, problem: Problem) -> None:
    """The bot does not complete an order that it filed as another application or with another filing key."""
    held = await approved_but_not_signed_in(day)
    day.tenant.portal.approve("sam", held)
    request_id = await day.request_id()
    room = day.bot.adapters.room
    assert room is not None
    filer = Acting(room.filer, actor) if actor else room.filer
    other = rewired(day.bot, room=FilingRoom(filer, FernetVault(key) if key else room.vault))

    await other.journeys.completing.complete(request_id)
    while await other.worker.do_due():
        pass

    assert untouched(day)
    assert problem_sentence(problem) in text_of(day.card().card)
    await day.click("dana", "finish", day.card())
    assert not untouched(day), "as it was set up when it was filed"


@pytest.mark.parametrize("account", ["ritaadmin"])
@ASKING
async def test_who_asked_approves_it_in_the_portal(day: Office, account: str) -> None:
    """If the initiator approves the order in the portal, the bot does not complete it, and alarms."""
    filed = await approved_but_not_signed_in(day)
    day.tenant.portal.approve(account, filed, "my own")
    await day.pass_time(minutes=1)
    await day.poll()
    assert sentence_of(Disagreement.APPROVED_BY_THE_INITIATOR) in text_of(day.card().card)
    assert len([one for one in day.alarms() if "approved it in Intune as well" in one]) == 1
    await day.pass_time(hours=1)
    assert untouched(day)
    assert "cancel-approval" in verbs_of(await day.look("sam", day.card()))


@ASKING
async def test_who_asked_cannot_vote_under_another_account(day: Office) -> None:
    """The initiator cannot vote with a second account: it belongs to the same person."""
    await day.ask("rita", "/wipe PC-1", typed="PC-1")
    answer = await day.approve("ritaadmin", day.card())
    assert "own request" in text_of(answer.card)
    assert day.tenant.graph.requests() == []


@ASKING
async def test_nobody_says_who_approved_until_the_audit_does(day: Office) -> None:
    """While nobody knows who approved in Intune, the order waits. It goes on by itself when the audit names the
    person."""
    filed = await approved_but_not_signed_in(day)
    day.tenant.graph.knobs.identity_sets = "null"
    day.tenant.portal.approve("sam", filed, "fine")
    events = list(day.tenant.graph.audit_events)
    day.tenant.graph.audit_events.clear()
    await day.pass_time(minutes=1)
    await day.poll()
    assert sentence_of(Disagreement.APPROVED_BY_NOBODY_KNOWN) in text_of(day.card().card)
    assert len([one for one in day.alarms() if "not by whom" in one]) == 1
    assert untouched(day)

    day.tenant.graph.audit_events.extend(events)
    await day.pass_time(minutes=2)
    assert day.tenant.graph.request(filed).status == "completed"
    assert len(day.tenant.world.device("PC-1")["deviceActionResults"]) == 1


@ASKING
async def test_approval_is_off_for_the_type_when_it_is_asked_for(day: Office) -> None:
    """If no access policy holds the type, nothing is requested, and the answer says where to set one up."""
    policy(day, "deviceWipe").active = False
    [answer] = await day.say("rita", "/wipe PC-1")
    assert "no access policy for deviceWipe" in text_of(answer.card)
    assert "https://intune.microsoft.com" in text_of(answer.card)
    assert day.requests() == []


@pytest.mark.parametrize("change", ["inactive", "another platform"])
@ASKING
async def test_approval_is_off_for_the_type_when_it_is_to_be_filed(day: Office, change: str) -> None:
    """If no access policy holds the type at filing, nothing is sent; once there is one again, an approver can press
    Finish."""
    await day.ask("rita", "/wipe PC-1", typed="PC-1")
    held_by = policy(day, "deviceWipe")
    held_by.active, held_by.platform = (False, "notApplicable") if change == "inactive" else (True, "macOS")
    answer = await day.approve("dana", day.card())
    await day.sign_in("dana", sign_in_link(answer))
    assert "no active access policy for deviceWipe" in text_of(day.card().card)
    assert "no active access policy" in " ".join(day.told("rita"))
    assert day.tenant.graph.requests() == []
    assert untouched(day)

    held_by.active, held_by.platform = True, "notApplicable"
    answer = await day.click("dana", "finish", day.card())
    await day.sign_in("dana", sign_in_link(answer))
    assert len(day.tenant.world.device("PC-1")["deviceActionResults"]) == 1


@ASKING
async def test_our_application_is_excluded(day: Office) -> None:
    """If our application is excluded, the approved order runs unheld. That raises the highest alarm and locks the
    type."""
    policy(day, "deviceWipe").excluded_app_ids.add(day.tenant.world.application(ACTOR).app_id)
    await day.ask("rita", "/wipe PC-1", typed="PC-1")
    answer = await day.approve("dana", day.card())
    await day.sign_in("dana", sign_in_link(answer))
    await day.work()
    assert sentence_of(Disagreement.RAN_UNHELD) in text_of(day.card().card)
    assert len([one for one in day.alarms() if "did not hold this" in one]) == 1
    assert len([one for one in day.alarms() if one.startswith("Alarm: Nothing of the type devicewipe is filed")]) == 1
    assert len(day.tenant.world.device("PC-1")["deviceActionResults"]) == 1

    await day.ask("rita", "/wipe PC-2", typed="PC-2")
    answer = await day.approve("dana", day.card())
    await day.sign_in("dana", sign_in_link(answer))
    await day.pass_time(minutes=1)
    assert untouched(day, "PC-2")

    policy(day, "deviceWipe").excluded_app_ids.clear()
    await day.say("dana", "/unlock deviceWipe")
    [filed] = day.tenant.graph.requests()
    assert filed.status == "needsApproval"
    assert untouched(day, "PC-2")


class Deleting:
    """Deletes the access policy in the moment before the filing call arrives."""

    def __init__(self) -> None:
        self.day: Office | None = None

    @asynccontextmanager
    async def watch(self, service: str, request: web.Request) -> AsyncIterator[None]:
        if self.day and service == "graph" and request.path.endswith("/wipe"):
            policy(self.day, "deviceWipe").active = False
        yield


DELETING = Deleting()


@day_with(asking=True, watch=DELETING.watch)
async def test_the_policy_is_deleted_between_look_and_call(day: Office) -> None:
    """If the policy is deleted right before the filing call, the order runs unheld after our quorum, and the bot
    alarms."""
    DELETING.day = day
    await day.ask("rita", "/wipe PC-1", typed="PC-1")
    assert untouched(day)
    answer = await day.approve("dana", day.card())
    await day.sign_in("dana", sign_in_link(answer))
    await day.work()
    DELETING.day = None
    assert len(day.tenant.world.device("PC-1")["deviceActionResults"]) == 1
    assert len([one for one in day.alarms() if "did not hold this" in one]) == 1
    assert [brake.name for brake in await day.bot.store.brakes.on()] == ["type:devicewipe"]


@ASKING
async def test_the_target_group_grows_after_the_votes(day: Office) -> None:
    """If the target group grows after the votes, the order is not filed, and the bot alarms."""
    await day.ask("rita", "/script Disable-LegacyTLS to All-Windows-Laptops", "Turn TLS 1.0 off, CHG-7")
    await day.approve("alex", day.card("Change Advisory Board"))
    answer = await day.approve("cora", day.card("Change Advisory Board"))
    day.tenant.world.group("All-Windows-Laptops").members.update(f"joined-{number}" for number in range(30))
    await day.sign_in("cora", sign_in_link(answer))
    await day.work()
    assert day.tenant.graph.requests() == []
    assert sentence_of(Disagreement.GROWN_AFTER_DECISION) in text_of(day.card("Change Advisory Board").card)
    assert len(day.alarms()) == 1


@ASKING
async def test_the_target_group_grows_between_filing_and_completing(day: Office) -> None:
    """If the target group grows after filing, an order that Intune has approved is not completed."""
    await day.ask("rita", "/script Disable-LegacyTLS to All-Windows-Laptops", "Turn TLS 1.0 off, CHG-7")
    await day.approve("alex", day.card("Change Advisory Board"))
    await day.approve("cora", day.card("Change Advisory Board"))
    await day.pass_time(seconds=15)
    [filed] = day.tenant.graph.requests()
    day.tenant.world.group("All-Windows-Laptops").members.update(f"joined-{number}" for number in range(30))
    day.tenant.portal.approve("both", filed.id, "fine")
    await day.pass_time(minutes=1)
    await day.poll()
    assert filed.status == "approved"
    assert "holds many more than when it was decided" in day.alarms()[-1]


@ASKING
async def test_the_target_grows_before_the_quorum(day: Office) -> None:
    """If the target group grows before the quorum, earlier votes are void, and people are told."""
    await day.ask("rita", "/script Disable-LegacyTLS to All-Windows-Laptops", "Turn TLS 1.0 off, CHG-7")
    await day.approve("alex", day.card("Change Advisory Board"))
    day.tenant.world.group("All-Windows-Laptops").members.update(f"joined-{number}" for number in range(30))
    await day.poll()
    assert "0 of 2" in text_of(day.card("Change Advisory Board").card)
    assert "void" in " ".join(day.replies(day.card("Change Advisory Board")))
