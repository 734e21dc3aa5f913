"""The bot is killed at every step of an order. The order is filed and completed at most once, and people hear of it."""

from pathlib import Path

import pytest

from tests.extent import cases
from tests.scenarios.killing import Moment
from tests.scenarios.mortal_order import Order
from tests.scenarios.mortal_story import mortal_day
from tests.scenarios.nursery import Nursery

MOMENTS = [
    Moment("ask", "graph asked", "managedDevices"),
    Moment("ask", "redis asked", "set"),
    Moment("ask", "redis answered", "set"),
    Moment("ask", "teams asked", "POST"),
    Moment("confirm", "redis answered", "set"),
    Moment("confirm", "graph answered", "managedDevices"),
    Moment("confirm", "redis answered", "swap_copy"),
    Moment("confirm", "redis asked", "commit"),
    Moment("confirm", "redis answered", "commit"),
    Moment("post", "teams asked", "POST"),
    Moment("post", "teams answered", "POST"),
    Moment("post", "redis asked", "save_copy"),
    Moment("post", "redis asked", "finish"),
    Moment("vote", "redis asked", "commit"),
    Moment("vote", "redis answered", "commit"),
    Moment("refresh", "teams answered", "PUT"),
    Moment("carry", "redis answered", "consume"),
    Moment("carry", "graph asked", "managedDevices"),
    Moment("carry", "graph answered", "operationApprovalPolicies"),
    Moment("carry", "redis asked", "commit"),
    Moment("carry", "redis answered", "commit"),
    Moment("carry", "graph asked", "wipe"),
    Moment("carry", "graph answered", "wipe"),
    Moment("carry", "redis asked", "commit", 2),
    Moment("carry", "redis answered", "commit", 2),
    Moment("carry", "redis asked", "commit", 3),
    Moment("carry", "redis answered", "commit", 3),
    Moment("carry", "graph asked", "approve"),
    Moment("carry", "graph answered", "approve"),
    Moment("carry", "redis asked", "commit", 4),
    Moment("carry", "redis answered", "commit", 4),
    Moment("carry", "redis asked", "commit", 5),
    Moment("carry", "redis answered", "commit", 5),
    Moment("carry", "graph asked", "wipe", 2),
    Moment("carry", "graph answered", "wipe", 2),
    Moment("carry", "redis asked", "commit", 6),
    Moment("carry", "redis answered", "commit", 6),
    Moment("after", "redis answered", "lease"),
    Moment("after", "teams answered", "PUT"),
    Moment("after", "teams answered", "POST"),
    Moment("follow", "graph answered", "managedDevices"),
    Moment("follow", "redis asked", "commit"),
    Moment("follow", "redis answered", "commit"),
    Moment("follow", "teams asked", "PUT"),
]

ALWAYS = [
    Moment("ask", "redis asked", "set"),
    Moment("confirm", "redis answered", "swap_copy"),
    Moment("carry", "graph asked", "managedDevices"),
    Moment("carry", "graph answered", "operationApprovalPolicies"),
    Moment("carry", "redis answered", "commit"),
    Moment("carry", "graph asked", "wipe"),
    Moment("carry", "graph answered", "wipe"),
    Moment("carry", "redis asked", "commit", 3),
    Moment("carry", "graph answered", "approve"),
    Moment("carry", "graph answered", "wipe", 2),
    Moment("follow", "graph answered", "managedDevices"),
]
"""Moments that no other story has, and those around the calls that file and wipe. The others run with `--all`."""


@pytest.mark.parametrize("moment", cases(MOMENTS, ALWAYS))
async def test_killed(moment: Moment, nursery: Nursery, tmp_path: Path) -> None:
    """After the bot is killed another one takes over, people repeat what got no answer, and the device is wiped exactly
    once."""
    async with mortal_day(moment, nursery, tmp_path, asking=True) as (day, watcher):
        order = Order(day, watcher, nursery)
        await order.tell()
        assert len(order.wipes) <= 1
        await order.take_over()
        await order.to_the_end()
        await order.check()
