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
    """How to try again what failed so, and the problem that it is where it does not pass; that at once for what will
    be the same at every try. Only for a call that was surely not carried out."""
    trouble = next((one for kind, one in _PASSES if isinstance(error, kind)), None)
    if trouble is None:
        return lasting
    wait = timedelta(seconds=error.pause(0)) if isinstance(error, Throttled) else timedelta(0)
    return PutOff(trouble, lasting, wait, error.request_id)
