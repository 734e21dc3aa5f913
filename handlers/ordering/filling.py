"""A draft with what was found for it, and with what its author filled in."""

from collections.abc import Mapping
from dataclasses import replace

from approvals.asking import Draft


def with_found(draft: Draft, found: str) -> Draft:
    """The draft with the id of what was looked for: the target first, then the group."""
    return replace(draft, group_id=found) if draft.target_id else replace(draft, target_id=found)


def filled_in(draft: Draft, fields: Mapping[str, str]) -> Draft:
    """The draft with what was typed on its card, or in the form of the second door."""
    return replace(
        draft,
        justification=fields.get("reason", fields.get("why", "")).strip(),
        ticket=fields.get("ticket", "").strip(),
        acting=fields.get("acting", ""),
    )
