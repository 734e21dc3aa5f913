"""Add to a draft what was found for it, and what its author filled in."""

from collections.abc import Mapping
from dataclasses import replace

from approvals.asking import Draft


def with_found(draft: Draft, found: str) -> Draft:
    """Return the draft with the id of what was found: the target first, then the group."""
    return replace(draft, group_id=found) if draft.target_id else replace(draft, target_id=found)


def filled_in(draft: Draft, fields: Mapping[str, str]) -> Draft:
    """Return the draft with what was typed on its card, or in the form of the emergency page."""
    return replace(
        draft,
        justification=fields.get("reason", fields.get("why", "")).strip(),
        ticket=fields.get("ticket", "").strip(),
        acting=fields.get("acting", ""),
    )
