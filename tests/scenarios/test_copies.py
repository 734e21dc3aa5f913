"""Every posted card is kept up to date, even one that the bot did not know at first. A lost card is replaced."""

import pytest

from cards.actions import Button, Verb, fingerprint_of
from simulator.teams.faults import Fault, Kind
from tests.office import Office, day_with, mentioned, sign_in_link, text_of, verbs_of

BOARD = "Change Advisory Board"


async def test_a_post_whose_answer_was_lost(day: Office) -> None:
    """After a lost answer the card is posted again. The stray card is adopted at its first click, and both are edited
    from then on."""
    day.tenant.connector.faults.append(Fault(Kind.LOST_ANSWER, method="POST", path="/v3/conversations$"))
    day.tenant.portal.file_script("rita", "Disable-LegacyTLS", "Write-Host\n", "Printer")
    await day.poll()
    await day.pass_time(seconds=10)
    stray, card = day.requests(BOARD)

    await day.approve("alex", card)
    assert "1 of 2 approvals" in text_of(card.card)
    assert "0 of 2 approvals" in text_of(stray.card)

    seen = await day.click("cora", "details", stray)
    assert seen.card is not None
    assert "1 of 2 approvals" in text_of(stray.card)
    await day.approve("cora", stray)
    assert "Approved, Intune not told yet" in text_of(card.card)
    assert "Approved, Intune not told yet" in text_of(stray.card)
    assert len(day.requests(BOARD)) == 2


@pytest.mark.parametrize("verb", ["refresh", "details", "approve"])
@pytest.mark.parametrize("of_another_request", [True, False])
async def test_a_message_elsewhere_never_becomes_a_copy(day: Office, verb: str, of_another_request: bool) -> None:
    """A click that names another request's message does not turn that message into a card."""
    day.tenant.portal.file_wipe("rita", "PC-1", "Stolen")
    day.tenant.portal.file_script("rita", "Disable-LegacyTLS", "Write-Host\n", "Printer")
    await day.poll()
    card, script = day.card(), day.card(BOARD)
    welcome = next(one for one in day.tenant.channels[BOARD].messages if "Countersign is here" in text_of(one.card))
    other = script if of_another_request else welcome
    before = text_of(other.card)
    known = [await day.bot.store.requests.load(one) for one in await day.bot.store.requests.open_ids()]
    [request] = [one for one in known if one and one.subject.target == "PC-1"]
    data = Button(Verb(verb), request.id, fingerprint_of(request)).data()

    await day.client("dana").invoke(other, {"type": "Action.Execute", "verb": verb, "data": data}, "manual")
    await day.work()
    await day.approve("dana", card)

    assert "Dana Diaz approved" in text_of(card.card)
    assert text_of(other.card) == before
    assert len(day.requests()) == 1


async def test_a_deleted_card(day: Office) -> None:
    """A deleted card of a waiting request is posted again, and Operations hears of it."""
    day.tenant.portal.file_script("rita", "Disable-LegacyTLS", "Write-Host\n", "Printer")
    await day.poll()
    deleted = day.card(BOARD)
    step = await day.click("alex", "approve", deleted)
    deleted.deleted = True

    await day.press("alex", "confirm-approve", step.card, deleted)
    assert (len(day.requests(BOARD)), day.alarms()) == (1, []), "it may be found again"
    await day.pass_time(minutes=4)

    replaced = day.card(BOARD)
    assert replaced is not deleted
    assert "1 of 2 approvals" in text_of(replaced.card)
    await day.approve("cora", replaced)
    assert "Approved, Intune not told yet" in text_of(replaced.card)
    assert len(day.requests(BOARD)) == 2
    [alarm] = day.alarms()
    assert "It is posted again." in alarm


@pytest.mark.parametrize(
    ("status", "code"), [(404, "ActivityNotFoundInConversation"), (403, "ServiceError"), (403, "")]
)
async def test_an_edit_that_is_refused_in_passing(day: Office, status: int, code: str) -> None:
    """If an edit is refused for a moment, it is made a little later: no card is lost, no alarm is raised, and no card
    is posted twice."""
    day.tenant.portal.file_script("rita", "Disable-LegacyTLS", "Write-Host\n", "Printer")
    await day.poll()
    day.tenant.connector.faults.append(Fault(Kind.STATUS, status, "PUT", times=3, code=code))

    await day.approve("alex", day.card(BOARD))
    for _ in range(5):
        await day.pass_time(seconds=30)

    [card] = day.requests(BOARD)
    assert "1 of 2 approvals" in text_of(card.card)
    assert day.alarms() == []


async def test_lines_that_are_taken_and_not_named(day: Office) -> None:
    """A line that Teams accepts without naming a message id is not written again: a 2xx means that people can read
    it."""
    day.tenant.connector.faults.append(Fault(Kind.UNNAMED, method="POST", path="/activities$", times=100))
    day.tenant.portal.file_script("rita", "Disable-LegacyTLS", "Write-Host\n", "Printer")
    await day.poll()
    card = day.card(BOARD)
    await day.approve("alex", card)
    for _ in range(12):
        await day.pass_time(minutes=5)

    texts = [one.text for one in day.tenant.channels[BOARD].messages if one.text]
    assert len(texts) == len(set(texts))
    assert day.asked(card) == ["Alex Adler", "Bo Thorsen", "Cora Costa"]


async def test_cards_that_are_taken_and_not_named(day: Office) -> None:
    """A card that Teams accepts without naming a message id is posted three times at most, and Operations hears of it.
    A click makes one of the copies a known card."""
    day.tenant.connector.faults.append(Fault(Kind.UNNAMED, method="POST", path="/v3/conversations$", times=100))
    day.tenant.portal.file_wipe("rita", "PC-1", "Stolen")
    await day.poll()
    for _ in range(12):
        await day.pass_time(minutes=5)

    cards = day.requests()
    assert len(cards) == 3
    [alarm] = day.alarms()
    assert "never said as which message" in alarm
    assert len([one for one in day.tenant.channels["Approvals"].messages if "waits for you" in one.text]) == 1
    day.tenant.connector.faults.clear()
    await day.approve("dana", cards[1])
    assert "Dana Diaz approved" in text_of(cards[1].card)
    assert len(day.requests()) == 3


async def test_a_deleted_card_of_a_closed_request(day: Office) -> None:
    """A deleted card of a closed request is reported and not posted again."""
    filed = day.tenant.portal.file_wipe("rita", "PC-1", "Stolen")
    await day.poll()
    answer = await day.approve("dana", day.card())
    await day.sign_in("dana", sign_in_link(answer))
    day.card().deleted = True

    day.tenant.portal.complete("rita", filed)
    await day.poll()
    await day.pass_time(minutes=4)

    assert len(day.requests()) == 1
    [alarm] = day.alarms()
    assert "deleted or can no longer be edited" in alarm
    assert "posted again" not in alarm


async def test_the_bot_was_removed_from_the_channel(day: Office) -> None:
    """If the bot is removed from a channel, Operations hears of it. When it is installed again, the cards that are
    still there are redrawn, and no second one is posted beside them."""
    channel = day.tenant.channels[BOARD]
    filed = day.tenant.portal.file_script("rita", "Disable-LegacyTLS", "Write-Host\n", "Printer")
    await day.poll()
    channel.installed = False

    day.tenant.portal.approve("alex", filed)
    await day.poll()
    assert any("can no longer be edited" in alarm for alarm in day.alarms())
    assert any("not reached" in alarm for alarm in day.alarms())
    for _ in range(20):
        await day.pass_time(minutes=6)
    assert len(day.requests(BOARD)) == 1

    await day.tenant.teams.install(channel, day.tenant.world.user("marc"))
    await day.work()
    assert len(day.requests(BOARD)) == 1
    assert "approved in Intune below quorum" in text_of(day.card(BOARD).card)
    assert await day.bot.store.outbox.dead_letters() == []


@day_with(installed=("Operations",))
async def test_the_bot_is_installed_late(day: Office) -> None:
    """When the bot is installed late, the requests that wait are posted, each once."""
    day.tenant.portal.file_wipe("rita", "PC-1", "Stolen")
    await day.poll()
    for _ in range(20):
        await day.pass_time(minutes=6)

    for _ in range(2):
        await day.tenant.teams.install(day.tenant.channels["Approvals"], day.tenant.world.user("marc"))
        await day.work()

    [card] = day.requests()
    assert "Wipe PC-1" in text_of(card.card)


async def test_edits_notify_nobody(day: Office) -> None:
    """A card is one new message; after that, edits notify nobody, and each piece of news is one line."""
    filed = day.tenant.portal.file_wipe("rita", "PC-1", "Stolen")
    await day.poll()
    card = day.card()
    before = len(day.tenant.channels["Approvals"].messages)

    for name in ("otto", "rita", "nina"):
        await day.click(name, "approve", card)
        await day.click(name, "details", card)
    answer = await day.approve("dana", card)
    assert len(day.tenant.channels["Approvals"].messages) == before
    await day.sign_in("dana", sign_in_link(answer))
    [line] = [reply for reply in day.replies(card) if "at>" not in reply]
    assert "Nothing has happened yet" in line

    day.tenant.portal.complete("rita", filed)
    await day.poll()
    assert "refresh" not in (card.card or {})
    assert verbs_of(card.card) == ["details"]
    assert len(card.versions) <= 5


async def test_who_is_mentioned(day: Office) -> None:
    """A new card mentions the members of the channel who can fill an open seat, but neither the requestor nor people
    who have voted."""
    world = day.tenant.world
    for name in ("rita", "nina", "otto"):
        world.group("Security-Admins").members.add(world.user(name).id)
    day.tenant.portal.file_script("rita", "Disable-LegacyTLS", "Write-Host\n", "Printer")
    await day.poll()
    card = day.card(BOARD)
    assert day.asked(card) == ["Alex Adler", "Bo Thorsen", "Cora Costa", "Nina Novak", "Otto Okafor"]

    await day.approve("alex", card)
    waits = day.tenant.channels[BOARD].messages[-1]
    assert mentioned(waits) == ["Bo Thorsen", "Cora Costa"]
    assert mentioned(card) == []


async def test_a_crowd_of_approvers(day: Office) -> None:
    """At most ten people are mentioned, even where more can approve."""
    world = day.tenant.world
    for user in list(world.users.values()):
        world.group("Device-Managers").members.add(user.id)
    day.tenant.portal.file_wipe("rita", "PC-1", "Stolen")

    await day.poll()

    card = day.card()
    assert len(day.asked(card)) == 10
    assert not {"Rita Rossi", "Dora Dahl", "Gus Guest"} & set(day.asked(card))


async def test_teams_is_busy_when_the_card_is_posted(day: Office) -> None:
    """If Teams is busy when a card is posted or edited, the call is made again later, and the card stands there
    once."""
    faults = day.tenant.connector.faults
    faults.append(Fault(Kind.STATUS, 429, "POST", "/v3/conversations$", times=2, retry_after=2))
    faults.append(Fault(Kind.STATUS, 412, "PUT", times=1))
    day.tenant.portal.file_wipe("rita", "PC-1", "Stolen")
    await day.poll()
    await day.pass_time(seconds=30)
    assert len(day.requests()) == 1

    await day.approve("dana", day.card())
    await day.pass_time(seconds=30)
    assert "Dana Diaz approved" in text_of(day.card().card)


async def test_everybody_sees_their_own(day: Office) -> None:
    """Approvers and the requestor get their own view automatically; for everybody else the shared card is complete."""
    day.tenant.portal.file_script("rita", "Disable-LegacyTLS", "Write-Host\n", "Printer")
    await day.poll()
    card = day.card(BOARD)
    await day.approve("alex", card)

    assert "You approved this." in text_of(await day.look("alex", card))
    assert verbs_of(await day.look("cora", card)) == ["approve", "reject", "claim", "details"]
    assert "your own request" in text_of(await day.look("rita", card))
    assert await day.look("otto", card) == card.card
    assert "You approved" not in text_of(card.card)
