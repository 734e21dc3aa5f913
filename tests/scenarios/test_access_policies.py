"""A stolen administrator changes Intune's access policies, past their approval."""

from datetime import timedelta

import pytest

from simulator.world import AccessPolicy
from tests.office import Office, day_with, sign_in_link, text_of

ASKING = day_with(asking=True)


def policy(day: Office, kind: str) -> AccessPolicy:
    """Return the access policy of that type."""
    [found] = [one for one in day.tenant.world.policies.values() if one.policy_type == kind]
    return found


async def minutes_pass(day: Office, minutes: int = 1) -> None:
    """Let time pass, and poll."""
    await day.pass_time(minutes=minutes)
    await day.poll()


@ASKING
async def test_the_policy_of_wipes_is_deleted(day: Office) -> None:
    """One poll later operators are alarmed. No order for a wipe is filed, not even when the policy is back, until an
    approver unlocks the type."""
    await day.ask("rita", "/wipe PC-1", typed="PC-1")
    held_by = policy(day, "deviceWipe")
    await day.poll()
    held_by.active = False
    await minutes_pass(day)
    [alarm] = [text for text in day.alarms() if text.startswith("Alarm: Nothing of the type devicewipe is filed")]
    assert 'because the access policy "Device wipe" was deleted in Intune, and no approved request explains' in alarm

    held_by.active = True
    await minutes_pass(day)
    assert (
        "An access policy in Intune holds devicewipe again. Filing stays stopped until it is unlocked." in day.alarms()
    )
    answer = await day.approve("dana", day.card())
    await day.sign_in("dana", sign_in_link(answer))
    await minutes_pass(day)
    assert day.tenant.graph.requests() == []
    assert "/unlock devicewipe" in text_of(day.card().card)

    await day.say("dana", "/unlock deviceWipe")
    [filed] = day.tenant.graph.requests()
    assert filed.status == "needsApproval"


@ASKING
async def test_a_stranger_s_group_approves_wipes(day: Office) -> None:
    """Other approver groups are noticed within a quarter of an hour, even if the policy shows no new time."""
    await day.poll()
    policy(day, "deviceWipe").approver_group_ids.append(day.tenant.world.group("Executives").id)
    await minutes_pass(day, 16)

    [alarm] = day.alarms()
    assert 'the access policy "Device wipe" was changed in Intune, and no approved request explains this.' in alarm


@ASKING
@pytest.mark.parametrize("lags", [0, 12])
async def test_an_approved_change(day: Office, lags: int) -> None:
    """A change that was requested, approved and completed in Intune locks nothing, also if Intune shows the completion
    minutes later."""
    day.tenant.graph.knobs.lags = timedelta(minutes=lags)
    await day.poll()
    filed = day.tenant.portal.file_policy_change("rita", "deviceWipe", ["Security-Team"], "Fewer people")
    await minutes_pass(day)
    day.tenant.portal.approve("marc", filed)
    day.tenant.portal.complete("rita", filed)
    before = len(day.alarms())
    await minutes_pass(day)
    await minutes_pass(day, 16)

    assert policy(day, "deviceWipe").approver_group_ids == [day.tenant.world.group("Security-Team").id]
    assert not [text for text in day.alarms()[before:] if "Nothing of the type" in text]
    assert await day.bot.store.brakes.on() == ()


@ASKING
async def test_it_is_told_once(day: Office) -> None:
    """One unapproved change is one alarm, also if the bot polls again and again."""
    await day.poll()
    policy(day, "script").active = False
    for _ in range(4):
        await minutes_pass(day, 20)

    assert len([text for text in day.alarms() if "Nothing of the type script is filed" in text]) == 1
