"""Break-glass: who may use it, what they must give, and what it does on cards, in the audit and in Intune."""

import asyncio

import pytest

from approvals.audit import Kind
from approvals.break_glass import FRESH_DEADLINE
from approvals.causes import InIntune
from approvals.emergency import Way
from approvals.prompts import PROMPT_OVER
from approvals.request import Decision, Request
from cards.actions import Verb
from cards.refusals import refusal_sentence
from simulator.graph.faults import Fault
from simulator.graph.faults import Kind as Faults
from simulator.teams.buttons import actions
from simulator.teams.clients import Answer
from simulator.teams.places import Message
from simulator.tenant import Tenant
from tests.office import Office, day_with, mentioned, sign_in_link, text_of, verbs_of

WHY = "The laptop of the director was stolen at the airport"


def in_native_group(tenant: Tenant) -> None:
    """Add the IT directors and the emergency accounts to those who may approve a wipe or a script in Intune."""
    directors = tenant.world.group("IT-Directors")
    for name in ("emergency-admin-1", "emergency-admin-2"):
        account = tenant.world.user(name)
        account.in_teams = account.has_bot = True
        directors.members.add(account.id)
    for policy in tenant.world.policies.values():
        if policy.policy_type in ("deviceWipe", "script"):
            policy.approver_group_ids.append(directors.id)


NIGHT = day_with(night=True, prepare=in_native_group)
ASKING = day_with(night=True, asking=True, prepare=in_native_group)


async def wipe_waits(day: Office, by: str = "rita") -> Request:
    """File a wipe in the portal, and return its request."""
    day.tenant.portal.file_wipe(by, "PC-1", "Stolen on the train")
    await day.poll()
    return await now(day)


async def now(day: Office) -> Request:
    """Return the newest request as it is stored."""
    request = await day.bot.store.requests.load(await day.request_id())
    assert request is not None
    return request


async def another_wipe_is_meant(day: Office, request: Request) -> None:
    """Edit the held wipe in Intune, and let the bot see it."""
    filed = day.tenant.graph.request(request.intune_id or "")
    filed.details = {**filed.details, "patchPayload": {"keepUserData": True}}
    filed.modified_at = day.tenant.clock.now()
    await day.pass_time(minutes=1)
    await day.poll()


def intune_status(day: Office, request: Request) -> str:
    """Return the status of the request in Intune."""
    return day.tenant.graph.request(request.intune_id or "").status


def alarm_cards(day: Office) -> list[Message]:
    """Return the cards in the operations channel and in the on-call chat."""
    return [*day.requests("Operations"), *day.requests("On-Call")]


@NIGHT
async def test_an_allowed_account_sets_the_quorum_aside(day: Office) -> None:
    """When Ivan, who may use break-glass, breaks the glass, Intune is told in his name, people hear of it, and a review
    opens."""
    request = await wipe_waits(day)
    card = await day.break_glass("ivan", request.id)

    after = await now(day)
    assert after.decision is Decision.BROKEN_GLASS
    assert intune_status(day, after) == "approved"
    [decision] = day.tenant.graph.decisions(after.intune_id or "")
    assert decision.by.upn.startswith("ivan@")
    assert "Intune has been told" in text_of(day.client("ivan").card(card))
    for shown in (*alarm_cards(day), day.card()):
        assert "Ivan Ilic broke the glass" in text_of(shown.card)
        assert WHY in text_of(shown.card)
    assert any("broke the glass" in line for line in day.alarms())
    for approver in ("dana", "sam", "petra"):
        assert day.mail_to(approver) == ["Break-glass: Wipe PC-1"]
    assert day.mail_to("ivan") == []
    [entry] = await day.audit(Kind.GLASS_BROKEN)
    assert (entry.name, entry.why, entry.after, entry.identified) == ("Ivan Ilic", WHY, Way.DECIDED, "signed-token")
    assert await day.audit(Kind.REVIEW_OPENED)

    day.tenant.portal.complete("rita", after.intune_id or "")
    await day.pass_time(minutes=1)
    await day.poll()
    assert "Completed" in text_of(day.card().card)


@day_with(
    night=True,
    prepare=in_native_group,
    emergency={
        "groups": ["Device-Managers"],
        "custodians": {"emergency-admin-1@company.onmicrosoft.com": ["dana@company.onmicrosoft.com"]},
    },
)
@pytest.mark.parametrize("by", ["dana", "emergency-admin-1"])
async def test_who_broke_the_glass_gets_no_mail_about_it(day: Office, by: str) -> None:
    """All passed-over approvers get a mail, but not the invoker, nor the custodian behind a shared account."""
    request = await wipe_waits(day)
    await day.break_glass(by, request.id, acting=day.tenant.world.user("dana").id)

    assert (await now(day)).glass
    for approver in ("sam", "petra"):
        assert day.mail_to(approver) == ["Break-glass: Wipe PC-1"]
    assert day.mail_to("dana") == []


@ASKING
async def test_an_order_of_somebody_else_runs_to_its_end(day: Office) -> None:
    """After break-glass on another person's order, it is filed, approved in the invoker's name and carried out."""
    await day.ask("rita", "/wipe PC-1", typed="PC-1")
    await day.break_glass("ivan", await day.request_id())
    await day.pass_time(minutes=1)

    after = await now(day)
    assert after.decision is Decision.BROKEN_GLASS
    assert after.filing is not None
    assert after.filing.completed_at is not None


@NIGHT
async def test_a_shared_account_says_which_custodian_it_is(day: Office) -> None:
    """A shared account must name its custodian. All its custodians then count as involved in the review."""
    request = await wipe_waits(day)
    prompt = await day.break_glass("emergency-admin-1", request.id)
    assert "Which of its custodians are you" in text_of(day.client("emergency-admin-1").card(prompt))
    assert (await now(day)).decision is Decision.OPEN

    marc = day.tenant.world.user("marc").id
    await day.break_glass("emergency-admin-1", request.id, acting=marc)
    after = await now(day)
    assert after.decision is Decision.BROKEN_GLASS
    assert after.review is not None
    assert {person.name for person in after.review.people} == {"Emergency Admin 1", "Marc Meyer", "Ivan Ilic"}
    assert "Marc Meyer (as Emergency Admin 1) broke the glass" in text_of(day.card().card)
    [entry] = await day.audit(Kind.GLASS_BROKEN)
    assert entry.evidence["custodian"].startswith("Marc Meyer")


@NIGHT
async def test_a_custodian_who_asked_for_it_cannot_decide_it(day: Office) -> None:
    """A custodian who filed the request cannot decide it through the shared account."""
    request = await wipe_waits(day, by="ivan")
    await day.break_glass("emergency-admin-1", request.id, acting=day.tenant.world.user("marc").id)

    after = await now(day)
    assert after.decision is Decision.OPEN
    assert after.needs_one
    assert intune_status(day, after) == "needsApproval"


@NIGHT
async def test_who_is_not_listed(day: Office) -> None:
    """People who are not listed get no prompt: an outsider, an approver, and a custodian with their own account."""
    request = await wipe_waits(day)
    for name in ("otto", "dana", "marc"):
        card = await day.break_glass(name, request.id)

        assert "not one of those that may break glass" in text_of(card.card), name
        assert (await now(day)).glass == ()
        entry = (await day.audit(Kind.REFUSED))[-1]
        assert (entry.who, entry.evidence["reason"]) == (day.tenant.world.user(name).id, "no-emergency-access")


@NIGHT
async def test_a_prompt_of_somebody_else(day: Office) -> None:
    """A person cannot break the glass with the prompt of somebody else."""
    request = await wipe_waits(day)
    [prompt] = await day.say("ivan", f"/breakglass {request.id}")
    [own] = await day.say("dana", "/help")
    own.versions.append(prompt.versions[-1])
    await day.client("dana").click(own, "break", {"why": WHY, "name": "PC-1"})
    await day.work()

    assert (await now(day)).glass == ()


@NIGHT
async def test_a_justification_that_is_none(day: Office) -> None:
    """The server checks the justification, whatever the client sends. Each failed attempt is recorded."""
    request = await wipe_waits(day)
    [prompt] = await day.say("ivan", f"/breakglass {request.id}")
    whys = ("", " " * 40, "x" * 40, "stolen", "\u200b" * 30, "aaaa aaaa aaaa aaaa aaaa")
    for number, why in enumerate(whys, 1):
        answer = await day.client("ivan").click(prompt, "break", {"why": why, "name": "PC-1"}, force=True)
        await day.work()

        assert "at least 20 characters" in text_of(answer.card), why
        assert (await now(day)).glass == ()
        refused = await day.audit(Kind.REFUSED)
        assert [entry.name for entry in refused] == ["Ivan Ilic"] * number


@NIGHT
async def test_a_name_that_is_not_the_devices(day: Office) -> None:
    """A device name that is typed wrong confirms nothing."""
    request = await wipe_waits(day)
    prompt = await day.break_glass("ivan", request.id, name="PC-2")

    assert "is not the one of what this is about" in text_of(day.client("ivan").card(prompt))
    assert (await now(day)).glass == ()


@day_with(night=True, prepare=in_native_group, emergency={"groups": ["IT-Directors"], "ticketPattern": r"INC\d{4}"})
async def test_a_ticket_where_the_company_wants_one(day: Office) -> None:
    """Where a ticket number is needed, all of the text must match the pattern."""
    request = await wipe_waits(day)
    prompt = await day.break_glass("ivan", request.id, ticket="INC12345")
    assert "number of the ticket" in text_of(day.client("ivan").card(prompt))
    await day.break_glass("ivan", request.id, ticket="INC1234")
    assert (await now(day)).glass[0].ticket == "INC1234"


@day_with(night=True, prepare=in_native_group, bypass=False)
async def test_where_it_is_switched_off(day: Office) -> None:
    """Where break-glass is switched off, nobody gets a prompt."""
    request = await wipe_waits(day)
    card = await day.break_glass("ivan", request.id)

    assert "switched off" in text_of(card.card)
    assert (await now(day)).glass == ()
    assert [entry.name for entry in await day.audit(Kind.REFUSED)] == ["Ivan Ilic"]


@NIGHT
async def test_on_ones_own_request(day: Office) -> None:
    """Break-glass on one's own request does not decide it: people on call are called, and one other person must approve
    within four hours."""
    await day.install_for("sam")
    request = await wipe_waits(day, by="ivan")
    card = await day.break_glass("ivan", request.id)

    after = await now(day)
    assert (after.decision, after.needs_one, after.urgent) == (Decision.OPEN, True, True)
    assert after.deadline == after.glass[0].at + FRESH_DEADLINE
    assert "your own request" in text_of(day.client("ivan").card(card))
    assert intune_status(day, after) == "needsApproval"
    [oncall] = day.requests("On-Call")
    assert "Sam Schmidt" in text_of(oncall.card)
    assert any("Sam Schmidt, you are on call" in line for line in day.told("sam"))
    assert [mentioned(one) for one in day.tenant.channels["On-Call"].messages if "on call" in one.text] == [
        ["Sam Schmidt"]
    ]

    answer = await day.approve("sam", oncall)
    assert answer.card is not None
    assert (await now(day)).decision is Decision.APPROVED
    assert intune_status(day, await now(day)) == "approved"


@day_with(night=True, asking=True, prepare=in_native_group)
async def test_who_asks_and_breaks_glass_in_one_step(day: Office) -> None:
    """A person who requests and breaks glass in one step does not decide: one other person approves, and then it
    runs."""
    await day.break_glass("ivan", "wipe PC-1")

    after = await now(day)
    assert after.initiator is not None
    assert (after.decision, after.needs_one, after.urgent) == (Decision.OPEN, True, True)
    own = await day.click("ivan", "approve", day.requests("On-Call")[-1])
    assert "your own request" in text_of(own.card)
    kinds = [entry.kind for entry in await day.audit(Kind.ASKED, Kind.GLASS_BROKEN, Kind.REVIEW_OPENED)]
    assert kinds == [Kind.ASKED, Kind.GLASS_BROKEN, Kind.REVIEW_OPENED]

    await day.approve("petra", day.card())
    await day.pass_time(minutes=1)
    assert (await now(day)).decision is Decision.APPROVED


@day_with(night=True, asking=True, prepare=in_native_group)
async def test_a_drill_walks_the_whole_way_and_touches_nothing(day: Office) -> None:
    """A drill is marked everywhere, one other person approves it, and nothing reaches Intune."""
    await day.break_glass("ivan", "wipe PC-1 --drill")
    after = await now(day)
    assert after.drill
    for card in (*alarm_cards(day), day.card()):
        assert "Drill: Wipe PC-1" in text_of(card.card)
    assert [entry.kind for entry in await day.audit(Kind.DRILL, Kind.GLASS_BROKEN)] == [Kind.DRILL]

    await day.approve("petra", day.card())
    await day.pass_time(minutes=20)
    await day.poll()
    assert (await now(day)).decision is Decision.APPROVED
    assert day.tenant.graph.requests() == []
    assert (await now(day)).intune_id is None
    review = (await now(day)).review
    assert review is not None
    assert review.drill


@NIGHT
async def test_a_drill_on_a_request_that_waits(day: Office) -> None:
    """A drill on a waiting request tells everybody that it is a drill. The request waits on as before."""
    request = await wipe_waits(day)
    card = await day.break_glass("ivan", f"{request.id} --drill")

    after = await now(day)
    assert (after.decision, after.urgent, after.deadline) == (Decision.OPEN, False, request.deadline)
    assert "Drill" in text_of(day.client("ivan").card(card))
    assert intune_status(day, after) == "needsApproval"
    assert any("DRILL" in line for line in day.alarms())


@NIGHT
async def test_the_same_click_twice(day: Office) -> None:
    """The same break-glass click again changes nothing."""
    request = await wipe_waits(day)
    [prompt] = await day.say("ivan", f"/breakglass {request.id}")
    inputs = {"why": WHY, "name": "PC-1"}
    await day.client("ivan").click(prompt, "break", inputs)
    await day.client("ivan").resend(prompt)
    await day.work()
    await day.client("ivan").resend(prompt, id="another-activity")
    await day.work()

    assert len((await now(day)).glass) == 1
    assert len(day.tenant.graph.decisions((await now(day)).intune_id or "")) == 1


@NIGHT
async def test_two_people_at_once(day: Office) -> None:
    """If two people break the glass at the same time, it is broken once, and Intune is told once."""
    request = await wipe_waits(day)
    prompts = {}
    for name in ("ivan", "emergency-admin-2"):
        [prompts[name]] = await day.say(name, f"/breakglass {request.id}")
    inputs = {"why": WHY, "name": "PC-1"}
    await asyncio.gather(*(day.client(name).click(card, "break", inputs) for name, card in prompts.items()))
    await day.work()

    assert len((await now(day)).glass) == 1
    assert len(day.tenant.graph.decisions(request.intune_id or "")) == 1


@NIGHT
async def test_while_intune_does_not_answer(day: Office) -> None:
    """If Intune does not answer, the decision stands, and an approver can finish it later."""
    request = await wipe_waits(day)
    day.tenant.graph.faults.append(Fault(Faults.UNAVAILABLE, path="/approve$", times=1))
    await day.break_glass("ivan", request.id)
    assert (await now(day)).decision is Decision.BROKEN_GLASS
    assert intune_status(day, request) == "needsApproval"
    assert "finish" in verbs_of(day.card().card)

    answer = await day.click("dana", "finish", day.card())
    await day.sign_in("dana", sign_in_link(answer))
    assert intune_status(day, request) == "approved"


@NIGHT
async def test_while_the_directory_does_not_answer(day: Office) -> None:
    """If the directory does not answer, nobody's rights are known: nothing happens, and the person reads why."""
    request = await wipe_waits(day)
    day.tenant.graph.faults.append(Fault(Faults.UNAVAILABLE, path="/users/", times=50))
    [answer] = await day.say("ivan", f"/breakglass {request.id}")
    day.tenant.graph.faults.clear()

    assert "cannot be reached" in answer.text
    assert (await now(day)).glass == ()


@NIGHT
async def test_where_no_token_can_be_had(day: Office) -> None:
    """If Entra is away, a person who may use break-glass can still call the people on call."""
    request = await wipe_waits(day)
    [prompt] = await day.say("ivan", f"/breakglass {request.id}")
    day.tenant.entra.faults.outages = 9
    await day.client("ivan").click(prompt, "break", {"why": WHY, "name": "PC-1"})
    day.tenant.entra.faults.outages = 0
    await day.work()

    after = await now(day)
    assert (after.decision, after.needs_one) == (Decision.OPEN, True)
    assert [entry.identified for entry in await day.audit(Kind.GLASS_BROKEN)] == ["channel"]


@day_with(night=True, prepare=in_native_group, decisions="track")
async def test_where_decisions_are_only_tracked(day: Office) -> None:
    """If decisions are only tracked, no token is used, so break-glass can only call for another person."""
    request = await wipe_waits(day)
    await day.break_glass("ivan", request.id)
    assert (await now(day)).needs_one
    assert intune_status(day, request) == "needsApproval"


async def typed_in_channel(day: Office) -> Answer:
    """Break the glass as Ivan from the card's details in the channel, and return the answer."""
    card = day.card()
    await day.click("ivan", "details", card)
    await day.click("ivan", "glass", card)
    return await day.client("ivan").click(card, "break", {"why": WHY, "name": "PC-1"})


@NIGHT
async def test_in_a_channel(day: Office) -> None:
    """In a channel Teams signs nobody in silently, so break-glass from a card needs the sign-in page."""
    request = await wipe_waits(day)
    answer = await typed_in_channel(day)
    assert (await now(day)).glass == ()
    page = await day.sign_in("ivan", sign_in_link(answer))

    assert "The glass is broken" in page
    assert (await now(day)).decision is Decision.BROKEN_GLASS
    assert intune_status(day, request) == "approved"


@NIGHT
async def test_who_signs_in_as_somebody_else(day: Office) -> None:
    """The sign-in page accepts only the person who filled in the prompt."""
    await wipe_waits(day)
    answer = await typed_in_channel(day)
    await day.sign_in("dana", sign_in_link(answer))

    assert (await now(day)).glass == ()


@NIGHT
async def test_nobody_signs_in_for_what_somebody_else_has_typed(day: Office) -> None:
    """Another emergency account cannot use what Ivan has typed, even with a sign-in page of its own."""
    await wipe_waits(day)
    answer = await typed_in_channel(day)
    [typed, *_] = [action["data"]["request"] for action in actions(answer.card or {}) if "data" in action]
    sign_in = day.bot.adapters.sign_in
    assert sign_in is not None
    other = day.tenant.world.user("emergency-admin-2").id
    page = await sign_in.page_for(typed, other, Verb.BREAK)

    assert refusal_sentence(PROMPT_OVER) in await day.sign_in("emergency-admin-2", page)
    assert (await now(day)).glass == ()
    assert "The glass is broken" in await day.sign_in("ivan", sign_in_link(answer))
    assert [glass.invoker.name for glass in (await now(day)).glass] == ["Ivan Ilic"]


@NIGHT
async def test_an_emergency_account_at_work_in_intune(day: Office) -> None:
    """A request that an emergency account files in Intune directly gets a review."""
    day.tenant.portal.file_wipe("emergency-admin-2", "PC-1", "No time to explain")
    await day.poll()

    after = await now(day)
    assert after.review is not None
    assert [(cause.code, cause.name) for cause in after.review.causes if isinstance(cause, InIntune)] == [
        ("in-intune", "Emergency Admin 2")
    ]
    assert any("asked for this in Intune" in line for line in day.alarms())
    await day.poll()
    assert len(await day.audit(Kind.REVIEW_OPENED)) == 1


@ASKING
async def test_an_operation_by_somebody_who_is_not_listed(day: Office) -> None:
    """A person who is not listed and tries an operation is refused and recorded, although no request exists yet."""
    [answer] = await day.say("dana", "/breakglass wipe PC-1")
    assert "not one of those that may break glass" in text_of(answer.card)
    [entry] = await day.audit(Kind.REFUSED)
    assert (entry.name, entry.evidence["act"], entry.evidence["target"]) == ("Dana Diaz", "wipe", "PC-1")


@NIGHT
@pytest.mark.parametrize("trouble", ["blocked", "no consent"])
async def test_who_cannot_sign_in_calls_for_those_on_call(day: Office, trouble: str) -> None:
    """If the sign-in is blocked or lacks consent, the person can still call the people on call."""
    request = await wipe_waits(day)
    if trouble == "blocked":
        day.tenant.entra.faults.blocked.add(day.tenant.world.user("ivan").id)
    else:
        for application in day.tenant.world.applications.values():
            application.consented = False
    [prompt] = await day.say("ivan", f"/breakglass {request.id}")
    answer = await day.client("ivan").click(prompt, "break", {"why": WHY, "name": "PC-1"})
    assert (await now(day)).glass == ()
    assert "page" in verbs_of(answer.card)
    await day.click("ivan", "page", prompt)

    after = await now(day)
    assert (after.decision, after.needs_one) == (Decision.OPEN, True)
    assert [entry.identified for entry in await day.audit(Kind.GLASS_BROKEN)] == ["channel"]


@NIGHT
async def test_nobody_is_called_with_what_was_not_checked(day: Office) -> None:
    """The button of the sign-in step, pressed by hand before anything was typed, calls nobody."""
    request = await wipe_waits(day)
    [prompt] = await day.say("ivan", f"/breakglass {request.id}")
    [button] = [one for one in actions(prompt.card) if one.get("verb") == "break"]
    await day.client("ivan").invoke(prompt, button | {"verb": "page"}, "manual")
    await day.work()
    assert (await now(day)).glass == ()


@NIGHT
async def test_what_changed_before_they_signed_in(day: Office) -> None:
    """If the request changes before the person signs in, the glass is not broken."""
    request = await wipe_waits(day)
    answer = await typed_in_channel(day)
    await another_wipe_is_meant(day, request)
    assert (await now(day)).digest != request.digest
    page = await day.sign_in("ivan", sign_in_link(answer))

    assert "has changed" in page
    assert (await now(day)).glass == ()


@NIGHT
async def test_a_custodian_with_an_overdue_review_behind_the_shared_account(day: Office) -> None:
    """If a custodian's review is overdue, the shared account, too, can only call for a second person."""
    first = await wipe_waits(day)
    await day.break_glass("ivan", first.id)
    day.tenant.portal.complete("rita", first.intune_id or "")
    await day.pass_time(hours=73)
    await day.poll()
    day.tenant.portal.file_wipe("rita", "PC-2", "Stolen as well")
    await day.poll()
    second = await now(day)
    await day.break_glass("emergency-admin-1", second.id, name="PC-2", acting=day.tenant.world.user("marc").id)

    after = await now(day)
    assert after.subject.target == "PC-2"
    assert (after.decision, after.needs_one) == (Decision.OPEN, True)


@NIGHT
async def test_mail_and_paging_outlive_an_hour_without_graph(day: Office) -> None:
    """After an hour without Graph, all mail and paging still reach people."""
    await day.install_for("sam")
    request = await wipe_waits(day, by="ivan")
    day.tenant.graph.faults.append(Fault(Faults.UNAVAILABLE, path="sendMail", times=10_000))
    await day.break_glass("ivan", request.id)
    day.tenant.graph.faults.append(Fault(Faults.UNAVAILABLE, path="/users", times=10_000))
    for _ in range(60):
        await day.pass_time(minutes=1)
    assert day.mail_to("dana") == []
    day.tenant.graph.faults.clear()
    for _ in range(30):
        await day.pass_time(minutes=1)

    assert day.mail_to("dana")[0] == "Break-glass: Wipe PC-1"
    paging = (await now(day)).reminders.paging
    assert paging is not None
    assert {person.name for person in paging.paged} >= {"Sam Schmidt", "Dana Diaz"}
    assert await day.bot.store.outbox.dead_letters() == []


@ASKING
async def test_a_drill_is_in_nobodys_way(day: Office) -> None:
    """A drill does not block the real emergency on the same device, neither while it waits nor during its review."""
    await day.break_glass("ivan", "wipe PC-1 --drill")
    await day.pass_time(minutes=1)
    await day.break_glass("ivan", "wipe PC-1")
    after = await now(day)
    assert (after.drill, after.needs_one, after.subject.target) == (False, True, "PC-1")


@ASKING
async def test_what_only_waits_for_its_review_is_in_nobodys_way(day: Office) -> None:
    """An emergency order that has expired and only waits for its review does not block a new one on the same device."""
    await day.break_glass("ivan", "wipe PC-1")
    await day.pass_time(hours=5)
    first = await now(day)
    assert (first.decision, first.is_closed, first.is_over) == (Decision.EXPIRED, True, False)
    await day.break_glass("ivan", "wipe PC-1")
    assert (await now(day)).id != first.id


@NIGHT
async def test_one_place_that_is_gone_keeps_the_card_from_no_other(day: Office) -> None:
    """If the bot was removed from the approvers' channel, the on-call chat still gets its card."""
    await day.install_for("sam")
    request = await wipe_waits(day, by="ivan")
    day.tenant.channels["Approvals"].installed = False
    await day.break_glass("ivan", request.id)
    assert "PC-1" in text_of(day.requests("On-Call")[-1].card)
    assert any("you are on call" in line for line in day.told("sam"))
