"""The whole story in the harshest tenant. Everything that the bot says is compared with what is true at that moment."""

from datetime import timedelta
from pathlib import Path

import pytest

from approvals.request import Decision
from tests.extent import cases
from tests.scenarios.harsh_story import STORY, town

SEEDS = range(1, 51)

ENDS = {
    "Wipe PC-1": ("completed", Decision.APPROVED),
    "Create script Update-Defender": ("completed", Decision.APPROVED),
    "Create role Helpdesk Plus": ("rejected", Decision.REJECTED),
    "Wipe PHONE-4": ("ended", Decision.EXPIRED),
    "Wipe PC-2": ("completed", Decision.APPROVED),
    "Wipe MAC-3": ("completed", Decision.APPROVED),
    "Wipe 3 devices": ("completed", Decision.APPROVED),
    "Assign script Clear-TempFolders to All-Windows-Laptops": ("completed", Decision.APPROVED),
    "Assign script Disable-LegacyTLS to Pilot-Laptops": ("completed", Decision.APPROVED),
    "Assign app 7-Zip to All-Windows-Laptops": ("completed", Decision.APPROVED),
}
"""The end of each errand: the status in Intune, and the decision here. Some of these tenants end requests in Intune
after a day, which counts as "ended"."""

_ENDS_ANYHOW = {"needsApproval": "ended", "expired": "ended"}


@pytest.mark.parametrize("seed", cases(SEEDS, SEEDS[:5]))
async def test_everything_that_is_said_is_so(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is lost, refused or late: each place has its card once, every word is true, and everything ends as
    people decided."""
    async with town(seed, tmp_path, monkeypatch) as here:
        for agenda in STORY:
            here.begin(agenda(here), here.dice.uniform(0, 90))
        await here.live(timedelta(hours=25))
        await here.live(timedelta(hours=2))

        assert here.judge.wrong == []
        ends = {
            one.title: (_ENDS_ANYHOW.get(one.statuses[-1], one.statuses[-1]), here.judge.latest(one))
            for one in here.judge.errands
        }
        assert {title: (status, request and request.decision) for title, (status, request) in ends.items()} == ENDS
        assert await here.day.bot.store.outbox.dead_letters() == []
        for errand in here.judge.errands:
            told = [len(one.record["deviceActionResults"]) for one in errand.devices]
            assert told == [int(errand.statuses[-1] == "completed")] * len(told), errand.title
        assert here.judge.heard > 100
