"""Runs the product on the filed requests, and keeps the cards that it shows."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from simulator.tenant import Tenant
from tests.office import Office, office
from tests.reported.filings import Filing

Card = dict[str, Any]

_CHANNELS = ("Approvals", "Change Advisory Board", "Operations")
_ANY_ID = "01KAREQUEST00000"
"""Stands for the id of a request, because the real id differs in every run."""


async def shown(filing: Filing) -> dict[str, Card]:
    """Return the posted card, and one card for each page of Details as an approver sees it. They are the same in every
    run."""
    with TemporaryDirectory(prefix="cs-shown-") as folder:
        deciding = {"approverGroups": ["IT-Directors"]}
        async with office(Path(folder), prepare=_held, everythingElse=deciding) as day:
            filing.file(day.tenant)
            await day.poll()
            return await _cards(day, filing)


async def _cards(day: Office, filing: Filing) -> dict[str, Card]:
    [posted] = [card for channel in _CHANNELS for card in day.requests(channel)]
    found = {filing.name: posted.card or {}}
    for page in range(filing.pages):
        answer = await day.click(filing.reader, "Next" if page else "details", posted)
        found[f"{filing.name}-details{f'-{page + 1}' if page else ''}"] = answer.card or {}
    request_id = await day.request_id()
    return {name: _alike(card, request_id) for name, card in found.items()}


def _held(site: Tenant) -> None:
    """Let Intune hold back every type, on every platform."""
    for policy_type in ("app", "configurationPolicy", "tenantConfiguration", "deviceDeprovision"):
        site.world.protect(policy_type, "Security-Admins")
    for policy in site.world.policies.values():
        policy.platform = "notApplicable"


def _alike(part: Any, request_id: str) -> Any:
    """Return the part without what no picture shows and what differs from run to run: the data of buttons, and whose
    view is refreshed."""
    if isinstance(part, list):
        return [_alike(one, request_id) for one in part]
    if isinstance(part, str):
        return part.replace(request_id, _ANY_ID)
    if not isinstance(part, dict):
        return part
    return {name: _alike(one, request_id) for name, one in part.items() if name not in ("data", "refresh")}
