"""Where the cards of a request stand."""

from approvals.request import Request
from handlers.ports.places import InChannel, InChat, Place, ReviewInChannel


def channels_of(request: Request) -> tuple[str, ...]:
    """Every channel that this request is shown in."""
    return tuple(dict.fromkeys(channel for workflow in request.workflows for channel in workflow.channels))


def places_of(request: Request) -> tuple[Place, ...]:
    """Every place where a card of it stands: its channels, the chat of the one who asked for it there, the on-call chat
    that was asked, and in an emergency where alarms go. The card of its review stands in its channels."""
    places: list[Place] = [InChannel(channel) for channel in channels_of(request)]
    if request.filing and request.initiator:
        places.append(InChat(request.initiator.account))
    if request.reminders.paging:
        places.append(InChannel(request.reminders.paging.chat))
    places += [InChannel(channel) for glass in request.glass for channel in glass.channels]
    if request.review:
        places += [ReviewInChannel(channel) for channel in channels_of(request) or request.review.channels]
    return tuple(dict.fromkeys(places))
