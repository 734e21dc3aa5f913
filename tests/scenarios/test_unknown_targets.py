"""Whose device it is when Intune and the directory disagree: what nobody knows makes an order stricter."""

from typing import Any

import pytest

from simulator.graph.faults import Fault, Kind
from tests.office import Office, day_with, text_of

GUARD = {"requiredApprovers": 1, "approverGroups": ["IT-Directors"], "mostByOne": 99, "mostByAll": 99}
PROTECTING = day_with(asking=True, guard={**GUARD, "protectedGroups": ["Executives"]})
NOBODY = "00000000-0000-0000-0000-000000000000"
STRICTER = "More people than usual"
"""Olga is an executive, and PHONE-4 is hers."""


def phone(day: Office) -> dict[str, Any]:
    return day.tenant.world.device("PHONE-4")


async def shown(day: Office, order: str = "/retire PHONE-4") -> str:
    """What somebody who asks for it reads before they confirm."""
    [answer] = await day.say("otto", order)
    return text_of(answer.card or {}).replace("\\", "") if answer.card else answer.text


@PROTECTING
async def test_the_device_shows_a_former_user_name(day: Office) -> None:
    """Its user is found by their id all the same, and is protected."""
    day.tenant.portal.rename_user("olga", "olga.larsen")
    assert "protected (Executives)" in await shown(day)


@PROTECTING
async def test_the_device_was_enrolled_by_somebody_else(day: Office) -> None:
    """Its record names who enrolled it; its primary user counts, and so does the other one."""
    day.tenant.portal.set_primary_users("PC-1", "olga")
    assert "protected (Executives)" in await shown(day, "/retire PC-1")
    day.tenant.portal.set_primary_users("PHONE-4", "dana")
    assert "protected (Executives)" in await shown(day)


@pytest.mark.parametrize("name", ["PHONE-4", "PC-1"])
@PROTECTING
async def test_the_directory_does_not_know_its_user(day: Office, name: str) -> None:
    """Nobody can say that they are not protected."""
    user = day.tenant.world.device(name)["userId"]
    del day.tenant.world.users[user]
    text = await shown(day, f"/retire {name}")
    assert STRICTER in text
    assert "does not know its user" in text


@pytest.mark.parametrize("user_id", [NOBODY, ""])
@PROTECTING
async def test_a_name_without_an_id(day: Office, user_id: str) -> None:
    """Somebody uses it, and nobody knows who: names are given to others."""
    phone(day)["userId"] = user_id
    assert "does not know its user" in await shown(day)


@pytest.mark.parametrize("path", ["managedDevices/.*/users$", "/users/.*/transitiveMemberOf"])
@PROTECTING
async def test_it_is_not_found_for_a_moment(day: Office, path: str) -> None:
    """As Intune and the directory may say of what is there."""
    day.tenant.graph.faults.append(Fault(Kind.MISSING, path, times=9))
    assert "does not know its user" in await shown(day, "/retire PC-1")


@PROTECTING
async def test_the_directory_does_not_know_the_device(day: Office) -> None:
    """It may be in a protected group itself."""
    day.tenant.portal.unregister_device("PC-1")
    assert "does not know the device itself" in await shown(day, "/retire PC-1")


@pytest.mark.parametrize("device_id", [NOBODY, ""])
@PROTECTING
async def test_a_device_without_an_id(day: Office, device_id: str) -> None:
    """The same."""
    day.tenant.world.device("PC-1")["azureADDeviceId"] = device_id
    assert "does not know the device itself" in await shown(day, "/retire PC-1")


@pytest.mark.parametrize("user_id", [NOBODY, ""])
@PROTECTING
async def test_a_kiosk_has_no_user(day: Office, user_id: str) -> None:
    """That is known, and usual."""
    day.tenant.world.device("PC-1").update(userId=user_id, userPrincipalName="", emailAddress="")
    text = await shown(day, "/retire PC-1")
    assert "PC-1" in text
    assert STRICTER not in text


@day_with(asking=True, guard=GUARD)
async def test_nothing_is_protected(day: Office) -> None:
    """Then nobody has to know whose device it is."""
    day.tenant.portal.unregister_device("PC-1")
    assert STRICTER not in await shown(day, "/retire PC-1")


SCOPED = day_with(asking=True, workflows={"Device wipe": {"scopeGroups": ["Executives"]}})


@SCOPED
async def test_a_former_user_name_is_in_scope(day: Office) -> None:
    """Its user is known by their id."""
    day.tenant.portal.rename_user("olga", "olga.larsen")
    assert "only within" not in await shown(day, "/wipe PHONE-4")


@SCOPED
async def test_who_is_not_known_is_in_no_scope(day: Office) -> None:
    """It is refused, and the sentence says why."""
    del day.tenant.world.users[phone(day)["userId"]]
    text = await shown(day, "/wipe PHONE-4")
    assert "only within Executives" in text
    assert "does not know its user" in text


@SCOPED
async def test_a_device_is_in_scope_by_all_of_its_users(day: Office) -> None:
    """One of several, or who enrolled it for somebody else, brings nothing into scope."""
    day.tenant.portal.set_primary_users("PHONE-4", "dana")
    assert "only within Executives" in await shown(day, "/wipe PHONE-4")
