"""No documentation says how every Intune answers, so the main story runs in each variant that has been reported."""

import pytest

from approvals.audit import Kind as Entry
from simulator.graph.faults import Fault, Kind
from simulator.graph.knobs import Knobs
from tests.office import Office, day_with, sign_in_link, text_of, verbs_of

TENANTS = {
    "observed": Knobs(),
    "docs-2026-05": Knobs(profile="docs-2026-05"),
    "nested errors": Knobs(nested=True),
    "nobody named": Knobs(identity_sets="null"),
    "applications named": Knobs(identity_sets="app_only"),
    "other spelling of a name": Knobs(upn_key="userPrincipalName"),
    "no filter": Knobs(filter_refused=True),
    "small pages": Knobs(page_size=1),
    "nothing undocumented": Knobs(extra_fields=False, code_header=False),
}


@pytest.mark.parametrize("day", [{"knobs": knobs} for knobs in TENANTS.values()], ids=list(TENANTS), indirect=True)
async def test_the_main_story_everywhere(day: Office) -> None:
    """In every variant, a request is shown, refused to its requestor and to an outsider, approved by Dana, and
    completed."""
    day.tenant.portal.file_wipe("otto", "PC-2", "Broken screen")
    filed = day.tenant.portal.file_wipe("rita", "PC-1", "Stolen on the train")

    await day.poll()
    [card] = [one for one in day.requests() if "Stolen on the train" in text_of(one.card)]
    assert "your own request" in text_of((await day.click("rita", "approve", card)).card)
    assert "Only members of Device-Managers" in text_of((await day.click("otto", "approve", card)).card)

    answer = await day.approve("dana", card)
    assert "Intune has been told" in await day.sign_in("dana", sign_in_link(answer))
    [decision] = day.tenant.graph.decisions(filed)
    assert decision.by.upn.startswith("dana@")

    day.tenant.portal.complete("rita", filed)
    await day.pass_time(minutes=1)
    await day.poll()
    assert "Completed" in text_of(card.card)
    assert day.alarms() == []


@day_with(knobs=Knobs(identity_sets="null"))
async def test_a_requestor_whom_nothing_names_and_a_quorum_of_one(day: Office) -> None:
    """If nothing names the requestor and one approval is enough, the voter signs in before the vote counts, and Intune
    refuses the requestor."""
    filed = day.tenant.portal.file_wipe("ritaadmin", "PC-1", "Mine, but nobody knows")
    day.tenant.graph.audit_events.clear()
    await day.poll()
    card = day.card()
    assert "whom Intune does not name" in text_of(card.card)

    own = await day.approve("ritaadmin", card)
    assert "0 of 1" in text_of(card.card)
    assert "must not be their own request" in await day.sign_in("ritaadmin", sign_in_link(own))
    assert day.tenant.graph.request(filed).status == "needsApproval"

    answer = await day.click("dana", "finish", card)
    assert "Intune has been told" in await day.sign_in("dana", sign_in_link(answer))
    assert day.tenant.graph.request(filed).status == "approved"


@day_with(knobs=Knobs(identity_sets="null"))
async def test_who_signs_in_votes_for_what_was_shown_before(day: Office) -> None:
    """If the request changes before the voter has signed in, the vote does not count."""
    filed = day.tenant.portal.file_wipe("rita", "PC-1", "Stolen")
    day.tenant.graph.audit_events.clear()
    await day.poll()
    link = sign_in_link(await day.approve("dana", day.card()))
    protected = {"actionParameters": {"useProtectedWipe": True}}
    day.tenant.graph.knobs.shown_fields[filed] = protected
    await day.pass_time(minutes=1)
    await day.poll()

    assert "changed" in await day.sign_in("dana", link)
    assert await day.audit(Entry.VOTED) == []
    assert day.tenant.graph.request(filed).status == "needsApproval"

    again = sign_in_link(await day.approve("dana", day.card()))
    assert "Intune has been told" in await day.sign_in("dana", again)


@day_with(knobs=Knobs(identity_sets="null"))
async def test_a_requestor_whom_nothing_names_and_a_higher_quorum(day: Office) -> None:
    """If nothing names the requestor and more than one approval is needed, nobody may decide here; people decide in
    Intune."""
    filed = day.tenant.portal.file_script("rita", "Disable-LegacyTLS", "Write-Host off\n", "Compliance")
    day.tenant.graph.audit_events.clear()
    await day.poll()
    card = day.card("Change Advisory Board")

    assert "can only be approved in Intune" in text_of(card.card)
    assert "approve" not in verbs_of(card.card)
    day.tenant.portal.approve("alex", filed)
    await day.poll()
    assert len(day.alarms()) == 1


async def test_a_requestor_who_cannot_be_read_yet(day: Office) -> None:
    """A request whose requestor cannot be read yet is not posted before the next poll."""
    day.tenant.graph.knobs.identity_sets = "null"
    day.tenant.graph.faults.append(Fault(Kind.UNAVAILABLE, "auditEvents", times=9))
    day.tenant.portal.file_wipe("rita", "PC-1", "Stolen")

    await day.poll()
    assert day.requests() == []

    day.tenant.graph.faults.clear()
    await day.poll()
    assert "Rita Rossi" in text_of(day.card().card)


async def test_a_status_nobody_has_heard_of(day: Office) -> None:
    """While Intune shows an unknown status, nobody may decide, and Operations is told. Afterwards voting goes on."""
    filed = day.tenant.portal.file_wipe("rita", "PC-1", "Stolen")
    await day.poll()
    card = day.card()

    day.tenant.graph.knobs.shown_status[filed] = "inReview"
    await day.pass_time(minutes=1)
    day.tenant.graph.request(filed).modified_at = day.tenant.clock.now()
    await day.poll()
    assert "a state for this request that is not known here" in text_of(card.card)
    assert "approve" not in verbs_of(card.card)
    assert len(day.alarms()) == 1

    day.tenant.graph.knobs.shown_status.clear()
    await day.poll()
    assert "approve" in verbs_of(card.card)


@pytest.mark.parametrize("named", [["quantumWipe"], ["deviceWipe", "quantumWipe"]], ids=["alone", "beside a known one"])
async def test_a_policy_type_nobody_has_heard_of(day: Office, named: list[str]) -> None:
    """A request with an unknown policy type falls under "Everything else", which has no approvers, so it is decided in
    Intune."""
    filed = day.tenant.portal.file_wipe("rita", "PC-1", "Stolen")
    day.tenant.graph.knobs.shown_policy_types[filed] = named
    await day.poll()
    card = day.card()

    assert "To be decided in Intune" in text_of(card.card)
    assert verbs_of(card.card) == ["details"]
