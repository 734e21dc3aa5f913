"""Odd values that Microsoft's services really send: the ends of the calendar, unreadable rows, odd characters."""

from datetime import timedelta

import pytest

from handlers.intune.poll import Polled
from simulator.graph.faults import Fault as GraphFault
from simulator.graph.faults import Kind as GraphKind
from simulator.teams.faults import Fault, Kind
from tests.office import Office, day_with, text_of


def cards(day: Office) -> str:
    """Return all the text of the cards in the approvals channel."""
    return "\n".join(text_of(message.card) for message in day.requests())


async def test_a_request_from_the_future_hides_no_wipe(day: Office) -> None:
    """A request with a time in the future does not keep later requests from getting a card."""
    ahead = day.tenant.portal.file_script("rita", "Disable-LegacyTLS", "Write-Host 1\n", "An old printer needs it")
    later = day.tenant.clock.now() + timedelta(days=365)
    day.tenant.graph.knobs.shown_fields[ahead] = {"lastModifiedDateTime": f"{later:%Y-%m-%dT%H:%M:%S}.1234567Z"}
    await day.poll()
    day.tenant.clock.advance(timedelta(minutes=20))
    day.tenant.portal.file_wipe("rita", "PC-1", "Stolen")
    day.tenant.clock.advance(timedelta(minutes=1))

    await day.poll()

    assert "PC-1" in cards(day)


@pytest.mark.parametrize(
    "written", ["0001-01-01T00:00:00Z", "0001-01-01T00:00:00.0000000+08:00", "9999-12-31T23:59:59.9999999-05:00"]
)
async def test_the_ends_of_the_calendar_are_shown_to_nobody(day: Office, written: str) -> None:
    """Dates at the ends of the calendar are not shown, and keep no request from its card."""
    odd = day.tenant.portal.file_wipe("rita", "PC-1", "Stolen")
    day.tenant.portal.file_wipe("rita", "PC-2", "Lost")
    day.tenant.graph.knobs.shown_fields[odd] = {"lastModifiedDateTime": written, "requestDateTime": written}
    day.tenant.world.device("PC-1")["lastSyncDateTime"] = written

    await day.poll()

    assert "PC-1" in cards(day)
    assert "PC-2" in cards(day)
    details = await day.click("dana", "details", next(card for card in day.requests() if "PC-1" in text_of(card.card)))
    shown = cards(day) + text_of(details.card)
    assert "Last contact" in shown
    assert "1-01-01" not in shown
    assert "9999" not in shown


async def test_a_request_that_never_ends_is_voted_on(day: Office) -> None:
    """A request whose expiry is at the end of the calendar can be voted on."""
    odd = day.tenant.portal.file_wipe("rita", "PC-1", "Stolen")
    day.tenant.graph.knobs.shown_fields[odd] = {"expirationDateTime": "9999-12-31T23:59:59.9999999-05:00"}
    await day.poll()
    await day.pass_time(minutes=1)

    answer = await day.approve("dana", day.card())

    assert "Sign in" in text_of(answer.card)


async def test_one_unreadable_request_costs_no_other_its_card(day: Office) -> None:
    """One unreadable request keeps no other from its card, and it is listed as stuck."""
    odd = day.tenant.portal.file_wipe("rita", "PC-1", "Stolen")
    day.tenant.portal.file_wipe("rita", "PC-2", "Lost")
    day.tenant.graph.knobs.shown_fields[odd] = {"id": None}

    assert await day.bot.journeys.poll.poll() is Polled.PARTIAL
    await day.work()

    assert "PC-2" in cards(day)
    assert (await day.bot.store.poll.polling()).stuck == ("a request without an id",)


async def test_half_of_a_character_costs_nothing(day: Office) -> None:
    """Half a surrogate pair in a name is replaced by another sign, and the request has its card."""
    odd = day.tenant.portal.file_wipe("rita", "PC-1", "Stolen")
    day.tenant.graph.knobs.shown_fields[odd] = {"payloadName": "PC-\ud800", "payload": "\ud800"}

    assert await day.bot.journeys.poll.poll() is Polled.COMPLETE
    await day.work()

    assert "PC-\ufffd" in cards(day)


@pytest.mark.parametrize("asked", [0, -1])
async def test_a_teams_that_asks_for_no_wait_is_not_called_without_end(day: Office, asked: int) -> None:
    """If Teams answers 429 and asks for no wait, the bot still waits between calls, and posts the card afterwards."""
    busy = Fault(Kind.STATUS, 429, "POST", "/v3/conversations$", times=100_000, retry_after=asked)
    day.tenant.connector.faults.append(busy)
    day.tenant.portal.file_wipe("rita", "PC-1", "Stolen")
    await day.poll()
    for _ in range(360):
        await day.pass_time(seconds=10)
    calls = 100_000 - busy.times
    day.tenant.connector.faults.clear()
    await day.pass_time(minutes=10)

    assert 10 < calls <= 80  # some twenty attempts, of a few calls each
    assert "PC-1" in cards(day)


async def test_tokens_that_are_refused_for_a_moment_cost_nothing(day: Office) -> None:
    """If Graph and Teams refuse a good token once, the request still gets its card."""
    day.tenant.graph.faults.append(GraphFault(GraphKind.UNAUTHORIZED))
    day.tenant.connector.faults.append(Fault(Kind.STATUS, 401, "POST"))
    day.tenant.portal.file_wipe("rita", "PC-1", "Stolen")

    await day.poll()

    assert "PC-1" in cards(day)


@day_with(asking=True)
async def test_a_phone_is_wiped_by_the_name_that_people_type(day: Office) -> None:
    """A device is found by its name as people type it: quotes, spaces and accents may be written differently."""
    day.tenant.world.device("PC-1")["deviceName"] = "Zo\u00eb\u2019s\u00a0iPad"
    [asked] = await day.say("rita", '/wipe "zoe\u0308\'s ipad"')
    await day.client("rita").click(asked, "ask", {"reason": "Stolen on the train", "name": "Zo\u00eb's  iPad"})
    await day.work()

    assert "iPad" in cards(day)


@day_with(asking=True)
async def test_a_choice_of_many_says_how_many(day: Office) -> None:
    """A choice with many candidates says how many match. A placeholder serial number finds no device."""
    devices, one = day.tenant.world.devices, day.tenant.world.device("PC-1")
    for number in range(30):
        devices[f"d{number}"] = {**one, "id": f"d{number}", "deviceName": "KIOSK", "serialNumber": "Default string"}

    [choice] = await day.say("rita", "/wipe kiosk")
    [nothing] = await day.say("rita", '/wipe "Default string"')

    assert "10 of 30 match" in text_of(choice.card)
    assert "There is no device" in text_of(nothing.card)
