"""A snapshot from each moment of an order's life is put back at each later moment: nothing is done twice, and people
hear of it.

Six pairs run always, all of them with `--all`.
"""

from itertools import combinations
from pathlib import Path

import pytest

from approvals.order import FilingState
from approvals.request import Execution
from simulator.tenant import Tenant
from tests.extent import cases
from tests.office import office
from tests.scenarios.restored_order import Moment, RestoredOrder, describe, told_of_a_loss
from tests.scenarios.test_break_glass import in_native_group

SOME = (
    (Moment.TYPED, Moment.FILED),
    (Moment.CONFIRMED, Moment.COMPLETED),
    (Moment.VOTED, Moment.DECIDED),
    (Moment.DECIDED, Moment.COMPLETED),
    (Moment.RESERVED, Moment.APPROVED),
    (Moment.FILED, Moment.DONE),
)
EVERY = tuple(combinations(Moment, 2))
GUARDED = {"approverGroups": ["IT-Directors"], "mostByOne": 9, "protectedGroups": ["Executives"]}


def protect(tenant: Tenant) -> None:
    """Make PC-1 a protected device, so that a director has to approve as well, here and in Intune."""
    in_native_group(tenant)
    tenant.world.group("Executives").members.add(tenant.world.user("rita").id)  # whose device it is


@pytest.mark.parametrize("pair", cases(EVERY, SOME, "{0[1]} to {0[0]}".format))
async def test_restored(pair: tuple[Moment, Moment], tmp_path: Path) -> None:
    """After the restore, the operations channel hears of it, Intune has one request of ours, and the device is wiped
    once at most."""
    back, at = pair
    order = RestoredOrder(back, at)
    async with office(tmp_path, asking=True, guard=GUARDED, prepare=protect, watch=order.watch) as day:
        await order.tell(day)
        await order.go_on()
        assert len(day.tenant.graph.requests()) <= 1, describe(day)
        assert len(order.wipes) <= 1, describe(day)
        assert told_of_a_loss(day), describe(day)
        if back is not Moment.TYPED:
            request = await order.request()
            assert request is not None
            assert request.filing is not None
            assert (request.filing.state, request.execution) == (FilingState.COMPLETED, Execution.DONE), describe(day)
            assert (len(day.tenant.graph.requests()), len(order.wipes)) == (1, 1), describe(day)
