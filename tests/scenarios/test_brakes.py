"""Brakes: what they stop, what passes them, what people read meanwhile, and how to resume."""

import pytest

from approvals.audit import Kind
from approvals.brake import Operator
from approvals.lifting import accept_store
from approvals.lifting import pause as paused
from approvals.lifting import resume as resumed
from approvals.refusals import NoSuchBrake, NotABrakePuller
from approvals.request import CarryState, Decision
from cards.brakes import answer
from cards.refusals import refusal_sentence
from handlers.answers import braking
from simulator.teams.faults import Fault
from simulator.teams.faults import Kind as Faults
from tests.office import Office, day_with, sign_in_link, text_of
from tests.scenarios.test_asking_people import only
from tests.scenarios.test_break_glass import in_native_group, now, wipe_waits

ASKING = day_with(asking=True)
TRACKING = day_with(asking=True, decisions="track")
NIGHT = day_with(night=True, prepare=in_native_group)
OPS = Operator("root", "ops-1")


async def doubt_the_store(day: Office) -> None:
    """Let the bot find that its store was reset."""
    await day.bot.adapters.continuity.doubt("It was restored from a backup of yesterday.")
    await day.work()


async def at_the_shell(day: Office, want: str, who: Operator = OPS) -> str:
    """Pause, resume or accept as an operator at the shell. Return the sentence that the operator reads."""
    time = await day.bot.adapters.clock.now()
    rules = {
        "pause": lambda on: paused(on, who, "Odd wipes", time),
        "resume": lambda on: resumed(on, who, time),
        "accept": lambda on: accept_store(on, who, time, "The disk was lost"),
    }
    moved = await braking.move(day.bot.store.brakes, rules[want])
    await day.work()
    return refusal_sentence(moved.refusal) if moved.refusal else answer(moved)


@ASKING
async def test_a_pause_stops_what_would_reach_intune(day: Office) -> None:
    """During a pause votes count, nothing is sent to Intune, and people read why. After two approvers resume, waiting
    work goes on."""
    await day.ask("rita", "/wipe PC-1", typed="PC-1")
    assert only(await day.say("otto", "/pause too many wipes")) == refusal_sentence(NotABrakePuller())
    assert "Paused by Sam Schmidt: too many wipes." in only(await day.say("sam", "/pause too many wipes"))
    assert "Paused by Sam Schmidt" in day.alarms()[-1]

    answer = await day.approve("dana", day.card())
    assert "Paused by Sam Schmidt: too many wipes." in await day.sign_in("dana", sign_in_link(answer))
    await day.pass_time(minutes=1)
    assert day.tenant.graph.requests() == []
    assert "Approved" in text_of(day.card().card)
    assert "Paused by Sam Schmidt" in text_of(day.card().card)
    assert "Paused by Sam Schmidt" in text_of(day.chat("rita").messages[0].card)

    assert "one more approver" in only(await day.say("sam", "/resume"))
    assert "already" in only(await day.say("sam", "/resume"))
    assert "Resumed by Sam Schmidt and Alex Adler." in only(await day.say("alex", "/resume"))
    assert day.alarms()[-1].startswith("Resumed by Sam Schmidt and Alex Adler.")
    [filed] = day.tenant.graph.requests()
    assert filed.status == "needsApproval"
    assert "Paused" not in text_of(day.card().card)
    assert only(await day.say("alex", "/resume")) == refusal_sentence(NoSuchBrake("pause"))


async def test_a_paused_approval_says_so_and_is_finished_later(day: Office) -> None:
    """A paused decision does not say that Dana has not signed in. After the resume, an approver is called to finish
    it."""
    filed = day.tenant.portal.file_wipe("rita", "PC-1", "Stolen")
    await day.poll()
    answer = await day.approve("dana", day.card())
    await day.say("sam", "/pause wait")
    assert "Paused by Sam Schmidt: wait." in await day.sign_in("dana", sign_in_link(answer))
    await day.pass_time(minutes=10)
    await day.poll()
    assert day.tenant.graph.request(filed).status == "needsApproval"
    card = text_of(day.card().card)
    assert "Paused by Sam Schmidt: wait." in card
    assert "wanted to tell Intune while that was stopped" in card
    assert "has not signed in" not in card

    await day.say("sam", "/resume")
    await day.say("alex", "/resume")
    assert "Paused" not in text_of(day.card().card)
    assert "An approver can press Finish" in day.replies(day.card())[-1]
    answer = await day.click("dana", "finish", day.card())
    await day.sign_in("dana", sign_in_link(answer))
    assert day.tenant.graph.request(filed).status == "approved"


@pytest.mark.parametrize("which", ["pause", "store"])
async def test_a_rejection_passes_every_brake(day: Office, which: str) -> None:
    """A rejection passes every brake; otherwise the request could still be approved in the portal."""
    filed = day.tenant.portal.file_wipe("rita", "PC-1", "Stolen")
    await day.poll()
    await (day.say("sam", "/pause wait") if which == "pause" else doubt_the_store(day))
    answer = await day.reject("dana", day.card(), "Nobody called")
    assert "Intune has been told: rejected." in await day.sign_in("dana", sign_in_link(answer))
    assert day.tenant.graph.request(filed).status == "rejected"


@pytest.mark.parametrize("which", ["pause", "store"])
async def test_a_withdrawal_passes_every_brake(day: Office, which: str) -> None:
    """Cancelling an approval that Intune took below quorum passes every brake."""
    filed = day.tenant.portal.file_script("rita", "Disable-LegacyTLS", "Write-Host\n", "An old printer needs it")
    await day.poll()
    day.tenant.portal.approve("alex", filed, "Saves time")
    await day.poll()
    await (day.say("sam", "/pause wait") if which == "pause" else doubt_the_store(day))
    answer = await day.click("cora", "cancel-approval", day.card("Change Advisory Board"))
    assert "withdrawn" in await day.sign_in("cora", sign_in_link(answer))
    assert [one.verdict for one in day.tenant.graph.decisions(filed)] == ["approve", "cancelApproval"]


@pytest.mark.parametrize("which", ["pause", "store"])
@TRACKING
async def test_a_cancellation_passes_every_brake(day: Office, which: str) -> None:
    """The cancellation of Rita's own request passes every brake."""
    await day.ask("rita", "/wipe PC-1", typed="PC-1")
    await day.approve("dana", day.card())
    await day.work()
    [filed] = day.tenant.graph.requests()
    await (day.say("sam", "/pause wait") if which == "pause" else doubt_the_store(day))
    await day.say("rita", f"/cancel {await day.request_id()}")
    assert day.tenant.graph.request(filed.id).status == "cancelled"


@TRACKING
async def test_nothing_is_completed_while_it_is_paused(day: Office) -> None:
    """Nothing is completed during a pause, even if it is approved in the portal. After two people resume, it is
    completed."""
    await day.ask("rita", "/wipe PC-1", typed="PC-1")
    await day.approve("dana", day.card())
    [filed] = day.tenant.graph.requests()
    await day.say("sam", "/pause wait")
    day.tenant.portal.approve("sam", filed.id)
    await day.pass_time(minutes=1)
    await day.poll()
    assert day.tenant.graph.request(filed.id).status == "approved"
    assert "Paused by Sam Schmidt" in text_of(day.card().card)
    await day.say("sam", "/resume")
    await day.say("alex", "/resume")
    assert day.tenant.graph.request(filed.id).status == "completed"


@NIGHT
async def test_a_broken_glass_is_recorded_and_sends_nothing_while_the_store_is_in_doubt(day: Office) -> None:
    """While the store is in doubt, break-glass is recorded and told, but nothing is sent to Intune; the invoker reads
    why."""
    request = await wipe_waits(day)
    await doubt_the_store(day)
    await day.work()
    assert "Alarm: The store of Countersign is not what it was" in day.alarms()[-1]
    card = await day.break_glass("ivan", request.id)
    after = await now(day)
    assert after.decision is Decision.BROKEN_GLASS
    assert after.carry_state is CarryState.TROUBLED
    assert day.tenant.graph.request(after.intune_id or "").status == "needsApproval"
    assert "python -m bot store accept" in text_of(day.client("ivan").card(card))
    assert any("broke the glass" in text_of(one.card) for one in day.requests("Operations"))

    assert "no lock" in only(await day.say("sam", "/unlock store"))
    assert only(await day.say("sam", "/resume")) == refusal_sentence(NoSuchBrake("pause"))
    assert "The store was accepted by root at ops-1." in await at_the_shell(day, "accept")
    assert "store accept" not in text_of(day.card().card)
    assert "An approver can press Finish" in day.replies(day.card())[-1]


async def test_a_shell_is_one_of_two_people(day: Office) -> None:
    """An operator at a shell counts as one of the two people who resume; two operators are not enough."""
    assert "Paused by root at ops-1: Odd wipes." in await at_the_shell(day, "pause")
    assert day.alarms()[-1].startswith("Paused by root at ops-1: Odd wipes.")
    assert "one more approver" in await at_the_shell(day, "resume")
    assert day.alarms()[-1].startswith("root at ops-1 wants it resumed.")
    assert "an approver" in await at_the_shell(day, "resume", Operator("sre", "ops-2"))
    assert "Resumed by root at ops-1 and Sam Schmidt." in only(await day.say("sam", "/resume"))
    [entry] = await day.audit(Kind.PAUSED)
    assert (entry.name, entry.evidence) == ("root at ops-1", {"user": "root", "host": "ops-1"})


async def test_a_second_pause(day: Office) -> None:
    """A second pause keeps the first reason, says so, and is recorded."""
    await day.say("sam", "/pause too many wipes")
    again = only(await day.say("dana", "/pause lunch"))
    assert "the first reason stays. Paused by Sam Schmidt: too many wipes." in again
    assert [(entry.name, entry.why) for entry in await day.audit(Kind.PAUSED)] == [
        ("Sam Schmidt", "too many wipes"),
        ("Dana Diaz", "lunch"),
    ]


@pytest.mark.parametrize("line", ["/pause", "/pause ...", "/pause ''", '/pause --reason " "'])
async def test_a_pause_without_a_reason(day: Office, line: str) -> None:
    """A pause without a reason is refused with one clear sentence."""
    assert "Please say why" in only(await day.say("sam", line))
    assert await day.bot.store.brakes.on() == ()


@pytest.mark.parametrize("name", ["dana", "otto"])
async def test_only_what_is_locked_is_unlocked(day: Office, name: str) -> None:
    """Only a locked type can be unlocked, and only by approvers."""
    said = only(await day.say(name, "/unlock deviceWipe"))
    assert said == (
        "Nothing of the type devicewipe is locked." if name == "dana" else refusal_sentence(NotABrakePuller())
    )
    assert len(await day.audit(Kind.REFUSED)) == 1


async def test_the_announcement_outlasts_an_outage_of_teams(day: Office) -> None:
    """A pause holds at once, even if Teams is away. The operations channel hears of it later."""
    faults = day.tenant.connector.faults
    faults.append(Fault(Faults.STATUS, method="POST", path="/v3/conversations$", status=503, times=10))
    assert "Paused by Sam Schmidt: wait." in only(await day.say("sam", "/pause wait"))
    assert day.alarms() == []
    faults.clear()
    await day.pass_time(minutes=10)
    [told] = day.alarms()
    assert told.startswith("Paused by Sam Schmidt: wait.")
