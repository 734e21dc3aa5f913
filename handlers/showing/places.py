"""The places of a request's cards."""

from approvals.request import Request
from handlers.ports.places import InChannel, InChat, Place, ReviewInChannel


def channels_of(request: Request) -> tuple[str, ...]:
    """Return every channel that this request is shown in."""
    return tuple(dict.fromkeys(channel for workflow in request.workflows for channel in workflow.channels))


def places_of(request: Request) -> tuple[Place, ...]:
    """Return every place of its cards: its channels, the chat of the person who requested it there, the on-call chat
    that was paged, and in an emergency the channels for alarms. The card of its review is in its channels."""
    places: list[Place] = [InChannel(channel) for channel in channels_of(request)]
    if request.filing and request.initiator:
        places.append(InChat(request.initiator.account))
    if request.reminders.paging:
        places.append(InChannel(request.reminders.paging.chat))
    places += [InChannel(channel) for glass in request.glass for channel in glass.channels]
    if request.review:
        places += [ReviewInChannel(channel) for channel in channels_of(request) or request.review.channels]
    return tuple(dict.fromkeys(places))
