"""Which operation is followed after it was sent: that of the order, or, if the request was not filed by us, the one
that Intune describes."""

from approvals.order import Act, Order
from approvals.request import Request

_ON_DEVICES = {act.value: act for act in Act if act.is_on_device}
_DEVICE_POLICIES = {act.policy_type.casefold() for act in _ON_DEVICES.values()}


def operation_of(request: Request) -> Order | None:
    """Return the followed operation; nothing if nothing can show it.

    A script, policy or role request completed in the portal needs no following: the person who completes it sends the
    write itself, and Intune answers it. A device acts at its next contact.
    """
    if request.filing is not None:
        return request.filing.order
    subject = request.subject
    types = {word.casefold() for word in subject.policy_types}
    on_device = subject.kind.casefold() == "manageddevice" or bool(types & _DEVICE_POLICIES)
    act = _ON_DEVICES.get(subject.action.casefold()) if on_device else None
    named = subject.target_id or (request.sent is not None and request.sent.devices)
    return Order(act, subject.target_id) if act is not None and named else None
