"""Where a card stands: a channel, a group chat, the 1:1 chat of somebody, or beside the card of a request."""


def chat_of(account: str) -> str:
    """The place that is a person's 1:1 chat, where a channel's id could stand as well."""
    return f"@{account}"


def account_of(place: str) -> str:
    """Whose 1:1 chat this place is; empty for channels and group chats."""
    return place[1:] if place.startswith("@") else ""


def channel_of(conversation: str) -> str:
    """The channel id of a conversation in which a card stands (a thread's id begins with it)."""
    return conversation.split(";", 1)[0]


def review_in(channel: str) -> str:
    """The place in a channel that is the card of a review, beside the card of the request."""
    return f"{_REVIEW}{channel}"


def is_review(place: str) -> bool:
    """Whether the card of a review stands there."""
    return place.startswith(_REVIEW)


def conversation_in(place: str) -> str:
    """Where in Teams this place is."""
    return place.removeprefix(_REVIEW)


_REVIEW = "review:"
