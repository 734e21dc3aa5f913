"""What is said where nothing shows what became of an operation."""

from approvals.completing import FOLLOWED_FOR, SHOWS_NOTHING_AFTER
from approvals.many import count_of
from approvals.request import Request


def nothing_shows(_request: Request) -> str:
    """Nothing has shown for some hours; it is followed all the same."""
    hours = int(SHOWS_NOTHING_AFTER.total_seconds() // 3600)
    return (
        f"Intune took it up more than {hours} hours ago, and nothing has shown yet that it has happened. A device that "
        "is switched off does it when it is next in contact. The card goes on following it."
    )


def counted(request: Request) -> str:
    """How many of many devices are done, and what became of the others; nothing for a single one."""
    devices = request.sent.devices if request.sent is not None else ()
    if not devices:
        return ""
    count = count_of(devices)
    if count.done == count.of:
        return f"All {count.of} devices are done, says Intune."
    failed = f" {count.failed} {'has' if count.failed == 1 else 'have'} failed." if count.failed else ""
    unknown = f" Nobody knows of {count.unknown} of {count.of} devices." if count.unknown else ""
    return f"{count.done} of {count.of} devices are done, says Intune.{failed}{unknown}"


def outcome_unknown(request: Request) -> str:
    """Nobody knows whether it has happened, and why."""
    if told := counted(request):
        return told
    if request.sent is not None and request.sent.missing_since is not None:
        why = "The device is not in Intune any more, and nothing was seen of the operation before."
    else:
        why = f"It was followed for {FOLLOWED_FOR.days} days, and Intune never said that it was done."
    return f"{why} Nobody knows whether it has happened."
