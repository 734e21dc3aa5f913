"""What the bot says when it is installed somewhere."""

import json
from collections.abc import Sequence
from typing import Any

from approvals.policy import Workflow
from cards.elements import Card, Container, TextBlock, to_dict
from cards.text import escape


def welcome(channel: str, workflows: Sequence[Workflow]) -> dict[str, Any]:
    """What this channel will get, who can approve here, and what to paste into the configuration."""
    here = [workflow for workflow in workflows if channel in workflow.channels]
    body = [
        TextBlock(text="Countersign is here", size="Large", weight="Bolder", wrap=True),
        TextBlock(text=_says(here), wrap=True),
        TextBlock(text="To have requests posted in this channel, put its id into the configuration:", wrap=True),
        Container(
            style="emphasis",
            items=[TextBlock(text=escape(json.dumps({"channels": [channel]}), 300), font_type="Monospace", wrap=True)],
        ),
    ]
    drawn: dict[str, Any] = to_dict(Card(body, [], "Countersign is here."))
    return drawn


def _says(here: Sequence[Workflow]) -> str:
    if not here:
        return "Nothing is posted in this channel yet."
    lines = [
        f"- **{escape(flow.operation, 120)}**: "
        + (
            escape(" or ".join(group.name for group in flow.groups), 300) + " can approve"
            if flow.groups
            else "for information"
        )
        for flow in here
    ]
    return "Requests of these kinds are posted here:\n\n" + "\n".join(lines)
