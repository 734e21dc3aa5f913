"""The card after installation: what this channel will get, and what to add to the configuration for it."""

import json
from collections.abc import Sequence
from typing import Any

from approvals.policy import Workflow
from cards.elements import Card, Part, RichTextBlock, TextRun
from cards.sheet import heading, line, panel
from cards.status import Tone
from cards.text import listed, shown, verbatim

MOST_WORKFLOWS = 12
GROUPS = 200


def welcome(channel: str, workflows: Sequence[Workflow]) -> dict[str, Any]:
    """Return the card for a channel that has just got the bot; `channel` is its id in Teams."""
    here = [workflow for workflow in workflows if channel in workflow.channels]
    card = Card(
        fallback_text="Countersign is here.",
        body=[
            panel(Tone.CALLING, heading(shown("Countersign is here"), size="Large"), _says(here), bleed=True),
            *[_workflow(workflow) for workflow in here[:MOST_WORKFLOWS]],
            line(
                shown("To have requests of an operation posted here, add this channel to it in the configuration:"),
                separator=True,
                spacing="Medium",
            ),
            panel(Tone.QUIET, _code(channel)),
        ],
    )
    return card.to_dict()


def _says(here: Sequence[Workflow]) -> Part:
    if not here:
        return line(shown("No approval requests are posted in this channel yet."))
    return line(shown("Approval requests for these operations are posted in this channel:"))


def _workflow(workflow: Workflow) -> Part:
    groups = listed((group.name for group in workflow.groups), "or")
    who = f"can be approved by {groups}" if workflow.enabled and groups else "shown only; decided in Intune"
    return line(shown(f"{workflow.operation}: {who}", GROUPS), spacing="Small")


def _code(channel: str) -> Part:
    """Return the channel's id in small type, on its own line: a block without Markdown breaks no word, and a
    zero-width space in it would be pasted as well."""
    text = f'{{"channels": [\n{json.dumps(channel, ensure_ascii=False)}\n]}}'
    return RichTextBlock(inlines=[TextRun(text=verbatim(text[:400]), fontType="Monospace", size="Small")])
