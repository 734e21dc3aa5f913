"""The workflow that a request falls under, and requests that nobody here decides."""

from simulator.teams.buttons import titles
from tests.office import Office, day_with, sign_in_link, text_of, verbs_of


@day_with(switched_off=("Device wipe",))
async def test_a_disabled_workflow(day: Office) -> None:
    """A request of a disabled workflow is only shown, also not decided by the workflow for everything else. The card
    follows the portal."""
    filed = day.tenant.portal.file_wipe("rita", "PC-1", "Stolen")
    await day.poll()
    card = day.card()

    assert "Approving here is switched off for Device wipe. Decide it in Intune." in text_of(card.card)
    assert verbs_of(card.card) == ["details"]
    assert "Decide in Intune" in titles(card.card)

    await day.pass_time(hours=25)
    day.tenant.portal.approve("sam", filed)
    await day.poll()
    assert "Approved in Intune, not completed yet" in text_of(card.card)
    assert day.replies(card) == ["Approved in Intune by Sam Schmidt."]
    day.tenant.portal.complete("rita", filed)
    await day.poll()
    assert "Completed" in text_of(card.card)
    assert day.alarms() == []


async def test_a_change_of_the_access_policies(day: Office) -> None:
    """A change of access policies raises an alarm at once and has its own approvers, because it controls every later
    approval."""
    filed = day.tenant.portal.file_policy_change("rita", "script", ["IT-Directors"], "Fewer hurdles")
    await day.poll()

    [alarm] = day.alarms()
    assert "It changes who has to approve what in Intune" in alarm
    card = day.card()
    assert "IT-Directors" in text_of(card.card)
    assert "Only members of MAA-Admins" in text_of((await day.click("alex", "approve", card)).card)
    answer = await day.approve("marc", card)
    assert "Intune has been told" in await day.sign_in("marc", sign_in_link(answer))
    assert day.tenant.graph.request(filed).status == "approved"


async def test_everything_else(day: Office) -> None:
    """A request that no workflow covers is shown in the general channel and decided in Intune."""
    filed = day.tenant.portal.file_wipe("rita", "PC-1", "Stolen")
    day.tenant.graph.knobs.shown_policy_types[filed] = ["windowsUpdateRing"]
    await day.poll()
    card = day.card()

    assert "No approver group is configured for this kind of request. Decide it in Intune." in text_of(card.card)
    assert verbs_of(card.card) == ["details"]
    day.tenant.portal.approve("sam", filed)
    await day.poll()
    assert day.alarms() == []


@day_with(everythingElse={"approverGroups": ["IT-Directors"]})
async def test_everything_else_with_approvers(day: Office) -> None:
    """If "Everything else" has approvers, they decide such requests here."""
    filed = day.tenant.portal.file_wipe("rita", "PC-1", "Stolen")
    day.tenant.graph.knobs.shown_policy_types[filed] = ["windowsUpdateRing"]
    await day.poll()
    card = day.card()

    assert "Only members of IT-Directors" in text_of((await day.click("dana", "approve", card)).card)
    step = await day.click("ivan", "approve", card)
    assert "Your approval decides." in text_of(step.card)


async def test_two_workflows_at_once(day: Office) -> None:
    """A request that needs two workflows must satisfy both, and has a card in the channels of both."""
    filed = day.tenant.portal.file_script("rita", "Disable-LegacyTLS", "Write-Host\n", "Printer")
    day.tenant.graph.knobs.shown_policy_types[filed] = ["script", "role"]
    await day.poll()
    card, other = day.card("Change Advisory Board"), day.card("Approvals")
    assert "Role management: 0 of 1 approval" in text_of(card.card)

    await day.approve("ivan", other)
    assert "Script deployment: 0 of 2 approvals" in text_of(card.card)
    await day.approve("alex", card)
    assert "Role management: 1 of 1 approval" in text_of(other.card)
    await day.approve("cora", card)
    assert "Approved, Intune not told yet" in text_of(other.card)
    assert day.tenant.graph.request(filed).status == "needsApproval"


async def test_every_kind_of_request(day: Office) -> None:
    """Each kind of request is announced with the right words."""
    portal = day.tenant.portal
    portal.file_retire("rita", "PHONE-4", "Olga leaves")
    portal.file_delete("rita", "PC-2", "Scrapped")
    portal.file_role("rita", "Branch Helpdesk", ["Microsoft.Intune_RemoteTasks_Wipe"], "They need it")
    portal.file_compliance("rita", "Windows baseline", {"bitLockerEnabled": False}, "Old laptops")
    await day.poll()

    told = {text.split('"fallbackText": "')[1].split(",")[0] for text in map(text_of, [c.card for c in day.requests()])}
    assert told == {
        "Waiting for approval: Retire PHONE-4",
        "Waiting for approval: Delete PC-2",
        "Waiting for approval: Update role Branch Helpdesk",
        "Waiting for approval: Update compliance policy Windows baseline",
    }
    texts = " ".join(text_of(card.card) for card in day.requests())
    assert "Remote tasks" in texts
    assert "Personal data stays." in texts
