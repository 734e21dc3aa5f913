"""Reminders as people see them: combined, claimed, delegated, skipped, and by mail; and mail that is never lost."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiohttp import web

from approvals.audit import Kind
from approvals.request import Request
from bot.wiring.bot import Bot
from handlers.reminding.gathering import GATHERED_FOR
from simulator.graph.faults import Fault
from simulator.graph.faults import Kind as Faults
from tests.extent import cases
from tests.office import Office, day_with, mentioned, office, text_of, verbs_of

NIGHT = day_with(night=True)


async def five_wait(day: Office) -> None:
    """File five new roles, and poll."""
    for number in range(5):
        day.tenant.portal.file_role("rita", f"Role {number}", ["Microsoft.Intune_ManagedDevices_Read"], "INC-7")
    await day.poll()


async def wipe_waits(day: Office) -> Request:
    """File a wipe, poll, and return its request."""
    day.tenant.portal.file_wipe("rita", "PC-1", "Stolen on the train")
    await day.poll()
    request = await day.bot.store.requests.load(await day.request_id())
    assert request is not None
    return request


async def later(day: Office, hours: float) -> None:
    """Let time pass, and then the time after which gathered notices are delivered."""
    await day.pass_time(hours=hours)
    await day.pass_time(minutes=3)


def lines(day: Office, channel: str = "Approvals") -> list[str]:
    """Return the lines in a channel that are not cards."""
    return [one.text for one in day.tenant.channels[channel].messages if one.text]


@NIGHT
async def test_five_requests_are_one_reminder(day: Office) -> None:
    """Five waiting requests make one reminder for each recipient, in the channel, in chat and by mail."""
    await day.install_for("alex")
    await five_wait(day)
    for hours in (2, 2, 4):
        await later(day, hours=hours)

    reminders = [line for line in lines(day) if "requests wait" in line]
    assert len(reminders) == 1
    assert all(f"Role {number}" in reminders[0] for number in range(5))
    assert len([line for line in day.told("alex") if "5 requests wait for approval" in line]) == 1
    assert day.mail_to("alex") == ["5 Intune requests need you"]
    assert len(await day.audit(Kind.REMINDED)) == 15


@NIGHT
async def test_only_those_who_can_help_are_mentioned(day: Office) -> None:
    """A reminder mentions only the people who can help, and nobody once the request is decided."""
    await wipe_waits(day)
    await later(day, hours=2)
    [reminder] = [one for one in day.tenant.channels["Approvals"].messages if "Still waits" in one.text]
    assert sorted(mentioned(reminder)) == ["Dana Diaz", "Noa Nilsen", "Petra Peters", "Sam Schmidt"]

    await day.reject("dana", day.card(), "Found again")
    said = len(lines(day))
    await day.pass_time(hours=20)
    assert not [line for line in lines(day)[said:] if "waits" in line]
    assert day.mail_to("sam") == day.mail_to("dana") == []


@NIGHT
async def test_who_is_away_is_not_mentioned(day: Office) -> None:
    """A person who is away is not mentioned in the thread; their stand-in is."""
    day.tenant.world.user("dana").availability = "OutOfOffice"
    await day.say("petra", "/delegate Sam Schmidt until 2026-11-25")
    await wipe_waits(day)
    await later(day, hours=2)
    [reminder] = [one for one in day.tenant.channels["Approvals"].messages if "Still waits" in one.text]
    assert sorted(mentioned(reminder)) == ["Noa Nilsen", "Sam Schmidt"]


@NIGHT
async def test_a_claim_pauses_and_releases_itself(day: Office) -> None:
    """A claim pauses reminders for half an hour; then it ends by itself, and people are reminded again."""
    await wipe_waits(day)
    card = day.card()
    await day.pass_time(hours=1, minutes=50)
    await day.look("sam", card)
    await day.click("sam", "claim", card)
    assert "Sam Schmidt is looking at this until" in text_of(card.card)

    await later(day, hours=0.3)
    assert not [line for line in lines(day) if "Still waits" in line]
    await later(day, hours=0.25)
    assert len([line for line in lines(day) if "Still waits" in line]) == 1
    assert "is looking at this" not in text_of(card.card)


@NIGHT
async def test_an_outsider_claims_nothing(day: Office) -> None:
    """An outsider cannot claim a request: that would keep others from being reminded."""
    request = await wipe_waits(day)
    await later(day, hours=2)
    answer = await day.click("otto", "claim", day.card())
    assert "Only members of" in text_of(answer.card)
    known = await day.bot.store.requests.load(request.id)
    assert known is not None
    assert known.reminders.claim is None


@NIGHT
async def test_who_is_away_is_passed_over(day: Office) -> None:
    """People who are away by their presence get no reminder."""
    for name in ("dana", "petra"):
        day.tenant.world.user(name).availability = "OutOfOffice" if name == "dana" else "Offline"
    await wipe_waits(day)
    await later(day, hours=8)
    assert day.mail_to("dana") == day.mail_to("petra") == []
    assert day.mail_to("sam") == ["Waiting for approval: Wipe PC-1"]


@NIGHT
async def test_where_everybody_is_away(day: Office) -> None:
    """If everybody is away, everybody is reminded."""
    for user in day.tenant.world.users.values():
        user.availability = "Offline"
    await wipe_waits(day)
    await later(day, hours=8)
    assert day.mail_to("sam")


@NIGHT
async def test_without_presence_nobody_is_away(day: Office) -> None:
    """If presence cannot be read, nobody counts as away."""
    day.tenant.world.user("sam").availability = "Offline"
    day.tenant.graph.faults.append(Fault(Faults.UNAVAILABLE, path="getPresencesByUserId", times=99))
    await wipe_waits(day)
    await later(day, hours=8)
    assert day.mail_to("sam")


@NIGHT
async def test_somebody_stands_in(day: Office) -> None:
    """Petra can have Sam reminded in her place. The stand-in must be an approver, and gains no right."""
    await day.install_for("sam")
    [answer] = await day.say("petra", "/delegate Sam Schmidt until 2026-11-25")
    assert "Sam Schmidt is reminded in your place" in answer.text
    [refused] = await day.say("petra", "/delegate Otto Okafor until 2026-11-25")
    assert "no approver called Otto Okafor" in refused.text
    [late] = await day.say("petra", "/delegate Sam Schmidt until 2026-11-01")
    assert "over already" in late.text
    assert [entry.name for entry in await day.audit(Kind.DELEGATED)] == ["Petra Peters"]
    await wipe_waits(day)
    await later(day, hours=8)
    assert day.mail_to("petra") == []
    assert day.mail_to("sam") == ["Waiting for approval: Wipe PC-1"]


@NIGHT
async def test_who_is_back_early_is_asked_again(day: Office) -> None:
    """A delegation can name a user name, and it can be ended early."""
    [answer] = await day.say("petra", "/delegate sam@company.onmicrosoft.com until 2026-11-25")
    assert "Sam Schmidt is reminded in your place" in answer.text
    [back] = await day.say("petra", "/delegate myself")
    assert "Nobody is reminded in your place" in back.text
    await wipe_waits(day)
    await later(day, hours=8)
    assert day.mail_to("petra") == ["Waiting for approval: Wipe PC-1"]


@NIGHT
async def test_nobody_is_taken_for_a_namesake(day: Office) -> None:
    """If two approvers have the same name, a delegation to that name is refused."""
    noa = day.tenant.world.user("noa")
    noa.name = "Sam Schmidt"
    day.tenant.world.group("Security-Team").members.add(noa.id)
    await day.pass_time(minutes=6)
    [answer] = await day.say("petra", "/delegate Sam Schmidt until 2026-11-25")
    assert "several approvers called Sam Schmidt" in answer.text


@NIGHT
@pytest.mark.parametrize("where", ["Approvals", ""])
async def test_somebody_is_mentioned(day: Office, where: str) -> None:
    """A mention delegates to the person behind it, although Teams shows only a first name that several people have."""
    noa = day.tenant.world.user("noa")
    noa.name = "Sam Solberg"
    day.tenant.world.group("Security-Team").members.add(noa.id)
    await day.pass_time(minutes=6)
    for name in ("sam", "noa", "otto"):
        await day.install_for(name)

    [answer] = await day.say("petra", "/delegate {} until 2026-11-25", where, mentioned=["noa"])
    assert "Sam Solberg is reminded in your place" in answer.text
    [answer] = await day.say("petra", "/delegate {} until 2026-11-25", where, mentioned=["sam"])
    assert "Sam Schmidt is reminded in your place" in answer.text
    [refused] = await day.say("petra", "/delegate {} until 2026-11-25", where, mentioned=["otto"])
    assert "no approver behind the mention of Otto" in refused.text
    [refused] = await day.say("petra", "/delegate {} {} until 2026-11-25", where, mentioned=["sam", "noa"])
    assert "no approver behind the mention of Sam Sam" in refused.text


@NIGHT
async def test_a_mention_is_never_its_name(day: Office) -> None:
    """The text of a mention does not matter: a person who is no approver cannot stand in under an approver's name."""
    day.tenant.world.user("otto").name = "Sam Schmidt"
    sent = day.tenant.channels["Approvals"]
    await day.client("petra").say(sent, "/delegate {} until 2026-11-25", day.tenant.world.user("otto"))
    whole = deepcopy(day.client("petra").last)
    whole["text"] = whole["text"].replace("<at>Sam</at>", "<at>Sam Schmidt</at>")
    whole["entities"][1]["text"] = "<at>Sam Schmidt</at>"
    await day.tenant.teams.post(whole | {"id": "f:another"})

    assert "no approver behind the mention of Sam Schmidt" in sent.messages[-1].text
    assert await day.bot.store.memory.delegations() == ()


@day_with(night=True, businessHours={"timeZone": "America/New_York", "opens": "09:00", "closes": "17:00"})
async def test_days_are_those_of_business_hours(day: Office) -> None:
    """The days of a delegation are days in the time zone of business hours."""
    await day.say("petra", "/delegate Sam Schmidt until 2026-11-25")
    [kept] = await day.bot.store.memory.delegations()
    assert kept.end == datetime(2026, 11, 26, 5, 0, tzinfo=UTC)


@NIGHT
async def test_who_cannot_be_reached_in_chat_gets_a_mail(day: Office) -> None:
    """An approver who never installed the app gets a mail instead of a chat message."""
    await wipe_waits(day)
    await later(day, hours=4)
    await day.pass_time(minutes=3)
    assert day.mail_to("noa") == ["Waiting for approval: Wipe PC-1"]


@NIGHT
async def test_a_mail_decides_nothing(day: Office) -> None:
    """A mail says the same in text and HTML, and its only link leads to the card: nothing can be decided from a
    mail."""
    request = await wipe_waits(day)
    await later(day, hours=8)
    mail = next(mail for mail in day.tenant.graph.outbox if "sam@" in mail.to[0])
    for part in (mail.text, mail.html):
        assert "Wipe PC-1" in part
        assert "Stolen on the train" in part
        assert "Rita Rossi" in part
        assert "https://teams.microsoft.com/l/message/" in part
        assert request.id not in part
    assert mail.html.count("href=") == 1
    assert mail.sender == "approvals@company.onmicrosoft.com"


@NIGHT
async def test_it_cannot_wait(day: Office) -> None:
    """An approver can make a request urgent with a reason. It then has the earlier deadline and the urgent ladder."""
    request = await wipe_waits(day)
    card = day.card()
    details = await day.click("sam", "details", card)
    assert "urgent" in verbs_of(details.card)
    await day.click("sam", "urgent", card)
    await day.click("sam", "make-urgent", card, "It is still online")

    hurried = await day.bot.store.requests.load(request.id)
    assert hurried is not None
    assert hurried.urgent
    assert (hurried.deadline - request.opened_at).total_seconds() < 4 * 3600 + 5
    assert "Urgent" in text_of(card.card)
    [entry] = await day.audit(Kind.URGENT)
    assert entry.why == "It is still online"
    await later(day, hours=0.2)
    assert [line for line in lines(day) if "Still waits" in line and "cannot wait" not in line]
    assert "urgent" not in verbs_of((await day.click("sam", "details", card)).card)


@NIGHT
async def test_the_one_who_asked_gets_the_decision_by_mail(day: Office) -> None:
    """The requestor gets the decision by mail."""
    await wipe_waits(day)
    await day.reject("dana", day.card(), "Found again")
    await later(day, hours=0)
    assert day.mail_to("rita") == ["Rejected: Wipe PC-1"]


@NIGHT
async def test_gaps_are_known_before_an_emergency(day: Office) -> None:
    """Operators hear of a gap in coverage once when it opens, and once when it closes."""
    await day.bot.journeys.covering.watch()
    before = len(day.alarms())
    alone = "Access policy changes: Too few approvers: 1 is needed besides the person who asks; there is 1."
    assert any(alone in line for line in day.alarms())  # Marc is alone there
    await day.bot.journeys.covering.watch()
    assert len(day.alarms()) == before

    for name in ("alex", "both"):
        day.tenant.world.user(name).availability = "Offline"
    await day.pass_time(minutes=6)
    await day.bot.journeys.covering.watch()
    assert any(
        "Script deployment: Too few approvers are available now: 1 of the 2 needed." in line for line in day.alarms()
    )
    [answer] = await day.say("dana", "/coverage")
    assert "Too few approvers are available now" in text_of(answer.card)
    for name in ("alex", "both"):
        day.tenant.world.user(name).availability = "Available"
    await day.pass_time(minutes=6)
    await day.bot.journeys.covering.watch()
    assert any("Script deployment: the quorum can be reached again" in line for line in day.alarms())


@day_with(night=True, businessHours={"timeZone": "UTC", "opens": "07:00", "closes": "18:00"})
async def test_the_evening_closes_no_gap(day: Office) -> None:
    """Outside business hours a gap is neither reported nor closed."""
    for name in ("alex", "both"):
        day.tenant.world.user(name).availability = "Offline"
    await day.bot.journeys.covering.watch()
    assert any("Script deployment: Too few approvers are available now" in line for line in day.alarms())

    await day.pass_time(hours=11)
    await day.bot.journeys.covering.watch()
    assert not any("Script deployment: the quorum can be reached again" in line for line in day.alarms())
    [answer] = await day.say("dana", "/coverage")
    assert "Nobody is expected at work now; on-call covers this." in text_of(answer.card)
    assert "The quorum can be reached" not in text_of(answer.card)

    for name in ("alex", "both"):
        day.tenant.world.user(name).availability = "Available"
    await day.pass_time(hours=13)
    await day.bot.journeys.covering.watch()
    assert any("Script deployment: the quorum can be reached again" in line for line in day.alarms())


@day_with(night=True, businessHours={"timeZone": "UTC", "opens": "07:00", "closes": "18:00"})
async def test_tomorrow_is_known_tonight(day: Office) -> None:
    """In the evening, coverage already shows that too few approvers will be available when business hours begin."""
    await day.pass_time(hours=11)
    [answer] = await day.say("dana", "/coverage")
    assert "Script deployment" in text_of(answer.card)
    assert "when business hours begin" not in text_of(answer.card)
    for name, other in (("cora", "Bo Thorsen"), ("alex", "Bo Thorsen")):
        await day.say(name, f"/delegate {other} until 2026-11-24")
    [answer] = await day.say("dana", "/coverage")
    few = "Too few approvers are available when business hours begin, 2026-11-24 07:00 UTC: 1 of the 2 needed."
    assert few in text_of(answer.card)


@NIGHT
async def test_who_is_in_no_channel_is_not_counted(day: Office) -> None:
    """An approver in no channel of the workflow does not count for coverage, because they could not press Approve
    there."""
    channel = day.tenant.channels["Change Advisory Board"]
    channel.members = [user for user in channel.members if user.name not in ("Cora Costa", "Bo Thorsen")]
    await day.pass_time(hours=2)
    [answer] = await day.say("dana", "/coverage")
    assert "Too few approvers can be reached in Teams: 1 of the 2 needed." in text_of(answer.card)


@NIGHT
async def test_a_card_says_that_nobody_is_there(day: Office) -> None:
    """A new card says if too few approvers are available right now."""
    for name in ("dana", "sam", "petra", "noa"):
        day.tenant.world.user(name).availability = "Offline"
    await wipe_waits(day)
    assert "Too few of those who could approve this are available right now" in text_of(day.card().card)


@NIGHT
async def test_those_on_call_are_paged_one_after_the_other(day: Office) -> None:
    """The people on call are paged one after the other, and then Operations is told. An acknowledgement stops that for
    a while."""
    for name in ("sam", "dana"):
        await day.install_for(name)
    await wipe_waits(day)
    await later(day, hours=20)
    assert any("Sam Schmidt, you are on call" in line for line in day.told("sam"))
    await day.pass_time(minutes=11)
    assert any("Dana Diaz, you are on call" in line for line in day.told("dana"))
    [card] = day.requests("On-Call")
    assert "claim" in verbs_of(card.card)
    await day.click("dana", "claim", card)
    await day.pass_time(minutes=20)
    assert not any("Nobody on call has answered" in line for line in day.alarms())
    await day.pass_time(minutes=15)
    assert any("Nobody on call has answered" in line for line in day.alarms())

    await day.approve("dana", card)
    assert "Approved" in text_of(card.card)


# --- mail that is never lost --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "twice"),
    [
        (Faults.THROTTLED, False),
        (Faults.THROTTLED_SILENTLY, False),
        (Faults.UNAVAILABLE, False),
        (Faults.LOST_REQUEST, False),
        (Faults.LOST_ANSWER, True),
        (Faults.TIMEOUT_AFTER, True),
    ],
)
@NIGHT
async def test_mail_meets_trouble(day: Office, fault: Faults, twice: bool) -> None:
    """A mail is sent again until Graph accepts it. Where the answer was lost, it may arrive twice."""
    await wipe_waits(day)
    day.tenant.graph.faults.append(Fault(fault, path="sendMail", times=3))
    await later(day, hours=8)
    for _ in range(6):
        await day.pass_time(minutes=5)

    got = Counter(address for mail in day.tenant.graph.outbox for address in mail.to)
    assert {"dana", "sam", "petra"} <= {address.split("@")[0] for address in got}
    assert (max(got.values()) > 1) == twice
    assert await day.bot.store.outbox.dead_letters() == []


@dataclass
class Death:
    """The replica dies when it has asked Graph for its n-th mail, before or after Graph accepted it."""

    number: int
    after: bool
    struck: asyncio.Event = field(default_factory=asyncio.Event)
    over: asyncio.Event = field(default_factory=asyncio.Event)

    @asynccontextmanager
    async def watch(self, service: str, request: web.Request) -> AsyncIterator[None]:
        mine = service == "graph" and request.path.endswith("sendMail") and not self.struck.is_set()
        self.number -= mine
        dies = mine and self.number == 0
        if dies and not self.after:
            await self._die()
        yield
        if dies:
            await self._die()

    async def _die(self) -> None:
        self.struck.set()
        await self.over.wait()


@pytest.mark.parametrize("number", cases([1, 2, 3], [2]))
@pytest.mark.parametrize("after", [False, True], ids=["asked", "taken"])
async def test_mail_outlives_the_replica_that_sends_it(tmp_path: Path, number: int, after: bool) -> None:
    """If the sending replica dies, everybody still gets their mail, and at most the mail that was being sent arrives
    twice."""
    death = Death(number, after)
    async with office(tmp_path, replicas=2, night=True, watch=death.watch) as day:
        await wipe_waits(day)
        await day.pass_time(hours=8)
        day.tenant.clock.advance(GATHERED_FOR)
        dying = asyncio.create_task(_work(day.bots[0]))
        await asyncio.wait([dying, asyncio.create_task(death.struck.wait())], return_when=asyncio.FIRST_COMPLETED)
        dying.cancel()
        await asyncio.gather(dying, return_exceptions=True)
        day.bots.pop(0)
        for _ in range(4):
            await day.pass_time(minutes=2)

        got = Counter(address for mail in day.tenant.graph.outbox for address in mail.to)
        assert death.struck.is_set()
        assert {"dana", "sam", "petra"} <= {address.split("@")[0] for address in got}
        assert max(got.values()) <= 2  # the mail that was being sent when the replica died
        assert not after or max(got.values()) == 2
        death.over.set()


async def _work(bot: Bot) -> None:
    while await bot.worker.do_due():
        pass
