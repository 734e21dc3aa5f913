"""Acting alone works only with the separate emergency process, which trusts nothing but the person's own token."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from approvals.alone import end_attempt, start_alone
from approvals.asking import Draft, why_not_cancel
from approvals.audit import Kind
from approvals.decide import expire
from approvals.effects import Alarm
from approvals.emergency import ANSWER_TIME, Attempt, ExecutionAnswer, Way
from approvals.filing import start_filing
from approvals.order import Act
from approvals.request import Decided, Decision, Request
from bot.emergency.ledger import Ledger
from handlers.commands.grammar import Command
from handlers.commands.lexicon import Name
from handlers.ports.emergency import AloneAnswer, AloneCall
from simulator.graph.faults import Fault
from simulator.graph.faults import Kind as Faults
from simulator.teams.clients import TEAMS_APP
from tests.office import Office, day_with, rewired, text_of
from tests.scenarios.test_break_glass import WHY, in_native_group, now

ALONE = day_with(night=True, asking=True, alone=["ivan"], prepare=in_native_group)
WITHOUT = day_with(night=True, asking=True, prepare=in_native_group)


def wipes(day: Office, name: str = "PC-1") -> int:
    """Return how often the device was told to wipe itself."""
    return len([one for one in day.tenant.world.device(name)["deviceActionResults"] if one["actionName"] == "wipe"])


def token(day: Office, name: str, **differently: Any) -> str:
    """Return the token that Teams gets for this person silently."""
    entra = day.tenant.entra
    audience = differently.get("audience", day.tenant.teams.identifier_uri)
    return entra.user_token(day.tenant.world.user(name).id, audience, TEAMS_APP, ["access_as_user"], azp=TEAMS_APP)


async def ask(day: Office, **differently: Any) -> tuple[int, str]:
    """Send the emergency process what anybody who can reach it could send. Return the status and the sentence of its
    answer."""
    ivan = day.tenant.world.user("ivan").id
    body = {
        "assertion": token(day, "ivan"),
        "person": ivan,
        "act": "wipe",
        "device_id": day.tenant.world.device("PC-1")["id"],
        "device_name": "PC-1",
        "why": WHY,
        "request_id": "01M83PPH00NZTGPD",
        **differently,
    }
    async with day.tenant.session.post(f"{day.emergency_url}/execute", json=body) as answer:
        return answer.status, (await answer.json())["sentence"]


@ALONE
async def test_one_person_alone(day: Office) -> None:
    """Ivan alone has a device wiped, once. Everybody hears of it, and somebody else reviews it."""
    await day.break_glass("ivan", "wipe PC-1")

    after = await now(day)
    assert (after.decision, after.glass[-1].way) == (Decision.BROKEN_GLASS, Way.EXECUTED)
    assert wipes(day) == 1
    assert day.tenant.graph.requests() == []
    for card in (*day.requests("Operations"), *day.requests("On-Call"), day.card()):
        assert "The separate emergency process did it" in text_of(card.card)
    assert [entry.name for entry in await day.audit(Kind.EXECUTED_ALONE)] == ["Ivan Ilic"]
    assert after.review is not None
    assert after.review.is_open
    assert day.mail_to("dana")
    await day.pass_time(minutes=30)
    assert "✓ Done" in text_of(day.card().card)


@WITHOUT
async def test_without_the_process_nobody_acts_alone(day: Office) -> None:
    """Without the emergency process, the same command only calls for one other person."""
    await day.break_glass("ivan", "wipe PC-1")
    assert (await now(day)).decision is Decision.OPEN
    assert wipes(day) == 0


@ALONE
async def test_only_a_wipe_and_a_retire(day: Office) -> None:
    """Only a wipe or a retire can be done alone; every other operation waits for one other person."""
    await day.break_glass("ivan", "delete PC-1")
    assert (await now(day)).decision is Decision.OPEN


@ALONE
async def test_who_is_not_on_its_own_list(day: Office) -> None:
    """A person who may use break-glass in the bot does not act alone unless the emergency process lists them as
    well."""
    await day.break_glass("emergency-admin-2", "wipe PC-1")
    after = await now(day)
    assert (after.decision, after.needs_one) == (Decision.OPEN, True)
    assert wipes(day) == 0


REFUSED: list[tuple[dict[str, str], int, str]] = [
    ({"act": "delete"}, 400, "Only a wipe or a retire"),
    ({"why": "x" * 40}, 400, "Without a justification"),
    ({"device_name": "PC-2"}, 409, "not called so"),
    ({"device_id": "7a1c0000-0000-4000-8000-000000000000"}, 404, "no such device"),
    ({"device_id": "../users"}, 404, "no such device"),
    ({"assertion": "no.token.at-all"}, 401, "is not valid"),
    ({"more": "x"}, 400, "no request"),
]


@ALONE
async def test_what_it_refuses(day: Office) -> None:
    """The emergency process refuses each wrong call with a sentence, and does nothing."""
    for differently, status, sentence in REFUSED:
        answered, said = await ask(day, **differently)
        assert (answered, sentence in said) == (status, True), said
        assert wipes(day) == 0


@ALONE
async def test_whose_token_it_is(day: Office) -> None:
    """The process refuses another person's token, a token for another audience, a changed token, and a person not on
    its list."""
    for assertion in (
        token(day, "dana"),
        token(day, "ivan", audience="api://somebody-else"),
        token(day, "ivan")[:-4] + "AAAA",
    ):
        assert (await ask(day, assertion=assertion))[0] == 401
    dana = day.tenant.world.user("dana").id
    assert (await ask(day, assertion=token(day, "dana"), person=dana))[0] == 403
    assert wipes(day) == 0


@ALONE
async def test_the_same_request_again(day: Office) -> None:
    """The same request again gets the same answer and is done once. Its id cannot be used for another device."""
    assert (await ask(day))[0] == 200
    assert (await ask(day))[0] == 200
    other = day.tenant.world.device("PC-2")["id"]
    assert (await ask(day, device_id=other, device_name="PC-2"))[0] == 409
    assert (wipes(day), wipes(day, "PC-2")) == (1, 0)


@ALONE
async def test_a_cap_per_day(day: Office) -> None:
    """At most three operations are done within 24 hours; after that the next one is allowed again."""
    for number in range(3):
        assert (await ask(day, act="retire", request_id=f"R{number}"))[0] == 200
    assert (await ask(day, act="retire", request_id="R3"))[0] == 429
    await day.pass_time(hours=24, minutes=1)
    assert (await ask(day, act="retire", request_id="R4"))[0] == 200


@ALONE
async def test_a_lost_answer_is_never_repeated(day: Office) -> None:
    """After a lost answer nobody knows whether the wipe was done, so it is not done again."""
    day.tenant.graph.faults.append(Fault(Faults.LOST_ANSWER, path="/wipe$"))
    status, said = await ask(day)
    assert (status, "look there before anything else" in said) == (504, True)
    status, said = await ask(day)
    assert (status, "it is not known what came of it" in said) == (504, True)
    assert wipes(day) == 1


@ALONE
async def test_where_it_is_not_excluded(day: Office) -> None:
    """If the process's application is not excluded, Intune holds the call for a second person, and the answer says
    so."""
    for policy in day.tenant.world.policies.values():
        policy.excluded_app_ids.clear()
    status, said = await ask(day)
    assert (status, "not excluded" in said) == (409, True)
    assert wipes(day) == 0


def test_a_ledger_that_cannot_be_read(tmp_path: Path) -> None:
    """The emergency process does not start with a ledger that it cannot read."""
    file = tmp_path / "ledger.jsonl"
    file.write_text('{"request_id": "R1"}\n')
    with pytest.raises(ValueError, match="line 1"):
        Ledger(file)


@ALONE
async def test_a_drill_on_a_real_order_wipes_nothing(day: Office) -> None:
    """A drill on a real order wipes nothing."""
    day.tenant.world.group("Service-Desk").members.add(day.tenant.world.user("ivan").id)
    await day.ask("ivan", "/wipe PC-1", typed="PC-1")
    card = await day.break_glass("ivan", f"{await day.request_id()} --drill")

    after = await now(day)
    assert (after.decision, after.glass[0].drill, after.drill) == (Decision.OPEN, True, False)
    assert wipes(day) == 0
    assert "Nothing was done" in text_of(day.client("ivan").card(card))


@ALONE
async def test_who_owes_a_review_does_not_act_alone(day: Office) -> None:
    """A person whose review is overdue needs a second person."""
    await day.break_glass("ivan", "wipe PC-1")
    await day.pass_time(hours=73)
    await day.break_glass("ivan", "wipe PC-2", name="PC-2")

    after = await now(day)
    assert (after.subject.target, after.decision, after.needs_one) == ("PC-2", Decision.OPEN, True)
    assert after.glass[-1].locked
    assert wipes(day, "PC-2") == 0


@ALONE
async def test_not_while_everything_is_paused(day: Office) -> None:
    """Nobody acts alone while everything is paused."""
    await day.say("dana", "/pause Something is wrong")
    card = await day.break_glass("ivan", "wipe PC-1")
    assert wipes(day) == 0
    assert (await now(day)).needs_one
    assert await day.audit(Kind.ASKED_ALONE) == []
    assert card.card


@ALONE
async def test_what_is_in_doubt_is_on_record_and_on_the_card(day: Office) -> None:
    """The call is recorded before it is made. If its outcome is in doubt, the next approver reads that it may be done
    already."""
    day.tenant.graph.faults.append(Fault(Faults.LOST_ANSWER, path="/wipe$"))
    await day.break_glass("ivan", "wipe PC-1")

    after = await now(day)
    assert (after.decision, after.needs_one) == (Decision.OPEN, True)
    assert "Look in Intune first" in text_of(day.card().card)
    kinds = [entry.kind for entry in await day.audit(Kind.ASKED_ALONE, Kind.NOT_ALONE, Kind.EXECUTED_ALONE)]
    assert kinds == [Kind.ASKED_ALONE, Kind.NOT_ALONE]
    [entry] = await day.audit(Kind.NOT_ALONE)
    assert (entry.after, entry.identified) == ("in doubt", "nobody")


@ALONE
async def test_a_crash_after_the_call_hides_nothing(day: Office) -> None:
    """After a crash during the call, the audit and the card still show that the process was asked."""

    class Cut:
        async def execute(self, call: AloneCall, assertion: str) -> AloneAnswer:
            raise KeyboardInterrupt

    bot = day.bots[0]
    day.bots[0] = rewired(bot, alone=Cut())
    request, ivan = await asked_by_ivan(day), day.tenant.world.user("ivan").id
    with pytest.raises(KeyboardInterrupt):
        await day.bot.journeys.acting_alone.execute(request, ivan, token(day, "ivan"))
    await day.work()

    assert [entry.name for entry in await day.audit(Kind.ASKED_ALONE)] == ["Ivan Ilic"]
    assert "was asked, and has not answered" in text_of(day.card().card)
    day.bots[0] = bot
    assert await bot.journeys.acting_alone.execute(request, ivan, token(day, "ivan")) == ""
    assert wipes(day) == 0


async def asked_by_ivan(day: Office) -> Request:
    """Return Ivan's order after his break-glass, made while the emergency process could not be asked."""
    day.tenant.entra.faults.outages = 0
    waiting = rewired(day.bot, alone=None).journeys
    command = Command(Name.BREAKGLASS, "PC-1", act=Act.WIPE)
    ivan = day.tenant.world.user("ivan").id
    draft = await waiting.filled_orders.confirm(command, ivan, {"why": WHY, "name": "PC-1"})
    assert isinstance(draft, Draft)
    await waiting.asking.signed_in(draft.id, ivan, "")
    return await now(day)


@ALONE
async def test_what_was_clearly_not_done_is_tried_again(day: Office) -> None:
    """If the look at the device fails, nothing was done, and the same person can try again."""
    request = await asked_by_ivan(day)
    device = day.tenant.world.device("PC-1")["id"]
    day.tenant.graph.faults.append(Fault(Faults.UNAVAILABLE, path=f"{device}$", times=20))
    ivan, dana = (day.tenant.world.user(name).id for name in ("ivan", "dana"))
    told = await day.bot.journeys.acting_alone.execute(request, ivan, token(day, "ivan"))
    assert told == "Intune does not answer. Nothing was done."
    day.tenant.graph.faults.clear()
    assert await day.bot.journeys.acting_alone.execute(request, dana, token(day, "dana")) == ""
    await day.bot.journeys.acting_alone.execute(request, ivan, token(day, "ivan"))
    assert wipes(day) == 1
    assert (await now(day)).glass[-1].way is Way.EXECUTED


@ALONE
async def test_nobody_cancels_what_the_process_is_asked_for(day: Office) -> None:
    """An order that the process was asked for is not cancelled, filed or expired. Without an answer it is a doubt with
    an alarm."""
    request = await asked_by_ivan(day)
    ivan = day.tenant.world.user("ivan").id
    now_at = day.tenant.clock.now()
    asked = start_alone(request, ivan, now_at).request
    assert asked.is_asked_alone
    person = asked.initiator
    assert person is not None
    assert why_not_cancel(asked, person)
    approved, free = (replace(one, decided=Decided(Decision.APPROVED, one.opened_at)) for one in (asked, request))
    assert start_filing(approved, "sealed", "app", now_at).refusal is not None
    assert start_filing(free, "sealed", "app", now_at).refusal is None
    late = replace(asked, deadline=now_at)
    assert expire(late, now_at).request.decision is Decision.OPEN
    ended = end_attempt(asked, now_at + ANSWER_TIME)
    assert ended.request.glass[-1].alone == Attempt(
        now_at, ExecutionAnswer("The emergency process did not answer.", in_doubt=True)
    )
    assert [entry.kind for entry in ended.entries] == [Kind.NOT_ALONE]
    assert any(isinstance(one.effect, Alarm) for one in ended.planned)
    assert end_attempt(asked, now_at).request == asked
    assert start_alone(ended.request, ivan, now_at + ANSWER_TIME).refusal is not None


@ALONE
async def test_a_crash_is_told_after_a_minute(day: Office) -> None:
    """A crash during the call is reported soon after: the next approver reads that it may be done."""
    request = await asked_by_ivan(day)
    ivan = day.tenant.world.user("ivan").id
    await day.bot.journeys.commits.commit(request.id, lambda known, at: start_alone(known, ivan, at))
    await day.pass_time(minutes=2)
    assert "Look in Intune first" in text_of(day.card().card)
    assert any("did not answer" in line or "broke the glass" in line for line in day.alarms())
