"""Intune and the directory disagree about a device's user. What nobody knows makes an order stricter."""

from typing import Any

import pytest

from simulator.graph.faults import Fault, Kind
from tests.office import Office, day_with, text_of

GUARD = {"requiredApprovers": 1, "approverGroups": ["IT-Directors"], "mostByOne": 99, "mostByAll": 99}
PROTECTING = day_with(asking=True, guard={**GUARD, "protectedGroups": ["Executives"]})
NOBODY = "00000000-0000-0000-0000-000000000000"
STRICTER = "More people than usual"
"""Words that the bot says of a stricter order. In these tests Olga is an executive, and PHONE-4 is her device."""


def phone(day: Office) -> dict[str, Any]:
    return day.tenant.world.device("PHONE-4")


async def shown(day: Office, order: str = "/retire PHONE-4") -> str:
    """Request the operation as Otto. Return the text that he reads before he confirms."""
    [answer] = await day.say("otto", order)
    return text_of(answer.card or {}).replace("\\", "") if answer.card else answer.text


@PROTECTING
async def test_the_device_shows_a_former_user_name(day: Office) -> None:
    """The user of a device is found by id, even if the device shows a former user name."""
    day.tenant.portal.rename_user("olga", "olga.larsen")
    assert "protected (Executives)" in await shown(day)


@PROTECTING
async def test_the_device_was_enrolled_by_somebody_else(day: Office) -> None:
    """Both the primary user of a device and the person who enrolled it count for protection."""
    day.tenant.portal.set_primary_users("PC-1", "olga")
    assert "protected (Executives)" in await shown(day, "/retire PC-1")
    day.tenant.portal.set_primary_users("PHONE-4", "dana")
    assert "protected (Executives)" in await shown(day)


@pytest.mark.parametrize("name", ["PHONE-4", "PC-1"])
@PROTECTING
async def test_the_directory_does_not_know_its_user(day: Office, name: str) -> None:
    """If the directory does not know the device's user, the order is stricter."""
    user = day.tenant.world.device(name)["userId"]
    del day.tenant.world.users[user]
    text = await shown(day, f"/retire {name}")
    assert STRICTER in text
    assert "does not know its user" in text


@pytest.mark.parametrize("user_id", [NOBODY, ""])
@PROTECTING
async def test_a_name_without_an_id(day: Office, user_id: str) -> None:
    """If a device has a user name without a user id, its user is unknown, because user names are given to other people
    later."""
    phone(day)["userId"] = user_id
    assert "does not know its user" in await shown(day)


@pytest.mark.parametrize("path", ["managedDevices/.*/users$", "/users/.*/transitiveMemberOf"])
@PROTECTING
async def test_it_is_not_found_for_a_moment(day: Office, path: str) -> None:
    """If the device's users cannot be found for a moment, its user counts as unknown."""
    day.tenant.graph.faults.append(Fault(Kind.MISSING, path, times=9))
    assert "does not know its user" in await shown(day, "/retire PC-1")


@PROTECTING
async def test_the_directory_does_not_know_the_device(day: Office) -> None:
    """If the directory does not know the device, the order is stricter: the device itself may be in a protected
    group."""
    day.tenant.portal.unregister_device("PC-1")
    assert "does not know the device itself" in await shown(day, "/retire PC-1")


@pytest.mark.parametrize("device_id", [NOBODY, ""])
@PROTECTING
async def test_a_device_without_an_id(day: Office, device_id: str) -> None:
    """A device without an id in the directory counts as unknown."""
    day.tenant.world.device("PC-1")["azureADDeviceId"] = device_id
    assert "does not know the device itself" in await shown(day, "/retire PC-1")


@pytest.mark.parametrize("user_id", [NOBODY, ""])
@PROTECTING
async def test_a_kiosk_has_no_user(day: Office, user_id: str) -> None:
    """A device without any user is usual, and does not make an order stricter."""
    day.tenant.world.device("PC-1").update(userId=user_id, userPrincipalName="", emailAddress="")
    text = await shown(day, "/retire PC-1")
    assert "PC-1" in text
    assert STRICTER not in text


@day_with(asking=True, guard=GUARD)
async def test_nothing_is_protected(day: Office) -> None:
    """If no group is protected, nobody has to know whose device it is."""
    day.tenant.portal.unregister_device("PC-1")
    assert STRICTER not in await shown(day, "/retire PC-1")


SCOPED = day_with(asking=True, workflows={"Device wipe": {"scopeGroups": ["Executives"]}})


@SCOPED
async def test_a_former_user_name_is_in_scope(day: Office) -> None:
    """A device is in scope by its user's id, even under a former user name."""
    day.tenant.portal.rename_user("olga", "olga.larsen")
    assert "only within" not in await shown(day, "/wipe PHONE-4")


@SCOPED
async def test_who_is_not_known_is_in_no_scope(day: Office) -> None:
    """A device whose user is unknown is in no scope, and the sentence says why."""
    del day.tenant.world.users[phone(day)["userId"]]
    text = await shown(day, "/wipe PHONE-4")
    assert "only within Executives" in text
    assert "does not know its user" in text


@SCOPED
async def test_a_device_is_in_scope_by_all_of_its_users(day: Office) -> None:
    """A device is in scope only if all its users are: not if only the person who enrolled it is."""
    day.tenant.portal.set_primary_users("PHONE-4", "dana")
    assert "only within Executives" in await shown(day, "/wipe PHONE-4")
