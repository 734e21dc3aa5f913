"""What a neighbour's failure means for an order: whether it may pass by itself."""

from collections.abc import Sequence
from datetime import timedelta

from approvals.problems import Problem, Trouble
from approvals.putting_off import PutOff
from handlers.ports.errors import Forbidden, NotFound, PortError, Throttled, Unavailable

_PASSES: Sequence[tuple[type[PortError], Trouble]] = (
    (Throttled, Trouble.BUSY),
    (Unavailable, Trouble.SILENT),
    (Forbidden, Trouble.REFUSED),
    (NotFound, Trouble.MISSING),
)


def put_off(error: PortError, lasting: Problem) -> PutOff | Problem:
    """Return how to try the failed call again, or the lasting problem if trying again cannot help. Only for a call that
    was certainly not carried out."""
    trouble = next((one for kind, one in _PASSES if isinstance(error, kind)), None)
    if trouble is None:
        return lasting
    wait = timedelta(seconds=error.pause(0)) if isinstance(error, Throttled) else timedelta(0)
    return PutOff(trouble, lasting, wait, error.request_id)
