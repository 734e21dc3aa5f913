"""The wording of outcomes: not visible yet, unknown, or counted over many devices."""

from approvals.completing import FOLLOWED_FOR, SHOWS_NOTHING_AFTER
from approvals.many import count_of
from approvals.request import Request


def nothing_shows(_request: Request) -> str:
    """Return the line for an operation without a visible result for some hours; it is still followed."""
    hours = int(SHOWS_NOTHING_AFTER.total_seconds() // 3600)
    return (
        f"Intune took it up more than {hours} hours ago, and nothing has shown yet that it has happened. A device that "
        "is switched off does it when it is next in contact. The card goes on following it."
    )


def counted(request: Request) -> str:
    """Return how many of several devices are done, have failed or are unknown; empty for a single device."""
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
    """Return why the outcome is unknown."""
    if told := counted(request):
        return told
    if request.sent is not None and request.sent.missing_since is not None:
        why = "The device is not in Intune any more, and nothing was seen of the operation before."
    else:
        why = f"It was followed for {FOLLOWED_FOR.days} days, and Intune never said that it was done."
    return f"{why} Nobody knows whether it has happened."
