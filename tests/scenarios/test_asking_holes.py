"""Ways past the second person that Intune leaves open, each closed with a sentence and an alarm."""

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
    """The access policy for that kind."""
    [found] = [one for one in day.tenant.world.policies.values() if one.policy_type == kind]
    return found


def untouched(day: Office, device: str = "PC-1") -> bool:
    """Whether nothing was done to it."""
    return not day.tenant.world.device(device)["deviceActionResults"]


@dataclass(frozen=True)
class Acting:
    """A filer that works, as another application."""

    filer: Filer
    app_id: str

    async def file(self, call: Call, justification: str) -> Taken:
        return await self.filer.file(call, justification)

    async def complete(self, call: Call, intune_id: str) -> str:
        return await self.filer.complete(call, intune_id)

    async def cancel(self, intune_id: str) -> None:
        await self.filer.cancel(intune_id)


async def approved_but_not_signed_in(day: Office) -> str:
    """Rita has asked for a wipe, Dana has approved, and it is filed; nobody has carried it. Its id in Intune."""
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
    """Intune has approved it, and the bot is set up anew with another actor, or with another filing key."""
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
    """Intune takes it, for the requestor is our application; we complete nothing and alarm."""
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
    """The admin account is the same person, and is told so."""
    await day.ask("rita", "/wipe PC-1", typed="PC-1")
    answer = await day.approve("ritaadmin", day.card())
    assert "own request" in text_of(answer.card)
    assert day.tenant.graph.requests() == []


@ASKING
async def test_nobody_says_who_approved_until_the_audit_does(day: Office) -> None:
    """It might be the one who asked, so it waits, and goes on by itself when it is known."""
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
    """Nothing is asked for, and the answer says where to set it up."""
    policy(day, "deviceWipe").active = False
    [answer] = await day.say("rita", "/wipe PC-1")
    assert "no access policy for deviceWipe" in text_of(answer.card)
    assert "https://intune.microsoft.com" in text_of(answer.card)
    assert day.requests() == []


@pytest.mark.parametrize("change", ["inactive", "another platform"])
@ASKING
async def test_approval_is_off_for_the_type_when_it_is_to_be_filed(day: Office, change: str) -> None:
    """Nothing is sent; once there is a policy again, an approver presses Finish."""
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
    """It runs when it is filed, after our quorum; the highest alarm, and nothing of the type is filed any more."""
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
    """One person's line never runs: the quorum stood before, and it alarms."""
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
    """Whoever approved approved fewer devices: neither filed nor completed, and it alarms."""
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
    """It is held in Intune by then, and approved there; it is not completed."""
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
    """Earlier votes are void, and people are told."""
    await day.ask("rita", "/script Disable-LegacyTLS to All-Windows-Laptops", "Turn TLS 1.0 off, CHG-7")
    await day.approve("alex", day.card("Change Advisory Board"))
    day.tenant.world.group("All-Windows-Laptops").members.update(f"joined-{number}" for number in range(30))
    await day.poll()
    assert "0 of 2" in text_of(day.card("Change Advisory Board").card)
    assert "void" in " ".join(day.replies(day.card("Change Advisory Board")))
