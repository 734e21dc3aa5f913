"""Approval requests: read with the application's token and decided with a person's token, in every observed form."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from approvals.order import Act
from approvals.request import Verdict
from bot.graph.finding import find_targets
from bot.graph.intune import GraphIntune
from bot.graph.policies import read_policies
from handlers.ports.errors import (
    Conflict,
    Forbidden,
    NotFound,
    PortError,
    SignInFailed,
    SignInTrouble,
    Throttled,
    Unavailable,
    Unreadable,
)
from handlers.ports.intune import Identity, Row
from handlers.ports.sign_in import UserToken
from simulator.graph.faults import Fault, Kind
from simulator.story import PIPELINE, WORKER
from tests.bot.graph.scripted import ScriptedGraph
from tests.bot.graph.tenant import START, Tenant

REQUESTS = "/beta/deviceManagement/operationApprovalRequests"


async def every(rows: AsyncIterator[Row]) -> list[Row]:
    return [row async for row in rows]


# --- reading ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("profile", ["observed", "docs-2026-05"])
@pytest.mark.parametrize("nested", [False, True])
async def test_a_wipe_as_it_was_filed(tenant: Tenant, profile: Any, nested: bool) -> None:
    """A wipe is read with everything that a reviewer needs, in every observed form; the unlock code is left out."""
    tenant.graph.knobs.profile, tenant.graph.knobs.nested = profile, nested
    request = await tenant.file_wipe()
    row = await tenant.intune.get(request)
    device = tenant.world.device("PC-1")
    assert (row.raw_status, row.action, row.kind, row.target) == ("needsApproval", "wipe", "ManagedDevice", "PC-1")
    assert (row.target_id, row.policy_types) == (device["id"], ("deviceWipe",))
    assert row.requestor == Identity(tenant.person("rita").id, "Rita Rossi", is_person=True)
    assert row.payload == {"keepUserData": False, "macOsUnlockCode": "(not shown)"}
    assert (row.filed_at, row.expires_at) == (START, START + timedelta(days=3))


@pytest.mark.parametrize("key", ["upn", "Upn", "userPrincipalName"])
async def test_any_spelling_of_a_name(tenant: Tenant, key: str) -> None:
    """The requestor is recognised by the id, whatever the spelling of the name field."""
    tenant.graph.knobs.upn_key = key
    row = await tenant.intune.get(await tenant.file_wipe())
    assert row.requestor is not None
    assert row.requestor.id == tenant.person("rita").id


async def test_a_request_of_an_application(tenant: Tenant) -> None:
    """A request of an application has a requestor that is not a person."""
    pipeline = tenant.world.application(PIPELINE)
    row = await tenant.intune.get(await tenant.file_wipe(by=pipeline))
    assert row.requestor == Identity(pipeline.app_id, PIPELINE, is_person=False)


async def test_rows_without_the_undocumented_half(tenant: Tenant) -> None:
    """Without the undocumented fields the row says little, and the action follows from the policy type."""
    tenant.graph.knobs.extra_fields = False
    row = await tenant.intune.get(await tenant.file_wipe())
    assert (row.kind, row.target, row.action, row.payload) == ("", "", "wipe", {})


async def test_words_that_no_schema_knows(tenant: Tenant) -> None:
    """An unknown status and an unknown policy type are kept by name."""
    request = await tenant.file_wipe()
    tenant.graph.knobs.shown_status[request] = "inReview"
    tenant.graph.knobs.shown_policy_types[request] = ["deviceWipe", "compliancePolicy"]
    row = await tenant.intune.get(request)
    assert (row.raw_status, row.policy_types) == ("inReview", ("deviceWipe", "compliancePolicy"))


async def test_hidden_is_not_found(tenant: Tenant) -> None:
    """A request that is hidden from the application raises `NotFound`."""
    request = await tenant.file_wipe()
    tenant.graph.knobs.hidden_from_apps.add(request)
    with pytest.raises(NotFound):
        await tenant.intune.get(request)


async def test_ids_cannot_lead_elsewhere(graph: ScriptedGraph, client: Any) -> None:
    """Characters in an id cannot change the path or the query of the call."""
    with pytest.raises(NotFound):
        await GraphIntune(client).get("../../users?x=1#y")
    assert graph.called() == [f"GET {REQUESTS}/../../users?x=1#y"]
    assert graph.calls[0].query == {}


@pytest.mark.parametrize("filter_refused", [False, True])
async def test_everything_that_changed(tenant: Tenant, filter_refused: bool) -> None:
    """All requests that changed at or after the watermark are read, page after page, whether or not Graph supports the
    filter."""
    tenant.graph.knobs.page_size = 1
    tenant.graph.knobs.filter_refused = filter_refused
    old = await tenant.file_wipe("PC-1")
    tenant.clock.advance(timedelta(hours=1))
    new = await tenant.file_wipe("PC-2")
    decided = await tenant.file_wipe("MAC-3")
    await tenant.intune.decide(decided, Verdict.REJECT, "no", tenant.user_token("dana"))
    later = START + timedelta(hours=1)
    assert {row.id for row in await every(tenant.intune.changed_since(None))} == {old, new, decided}
    assert {row.id: row.raw_status for row in await every(tenant.intune.changed_since(later))} == {
        new: "needsApproval",
        decided: "rejected",
    }
    assert await every(tenant.intune.changed_since(later + timedelta(seconds=1))) == []


async def test_one_bad_row_hides_no_other(graph: ScriptedGraph, client: Any) -> None:
    """A row that cannot be read does not hide the others: all others are read, and then an error names it."""
    rows = [{"id": "1"}, {"status": "approved"}, {"id": "2", "lastModifiedDateTime": "2026-11-23T08:00:00Z"}]
    graph.tell(REQUESTS, {"value": rows})
    changed = GraphIntune(client).changed_since(START)
    assert [(await anext(changed)).id, (await anext(changed)).id] == ["1", "2"]
    with pytest.raises(Unreadable) as caught:
        await anext(changed)
    assert caught.value.ids == ("a request without an id",)


async def test_whatever_is_wrong_with_a_row_is_wrong_with_it_alone(graph: ScriptedGraph, client: Any) -> None:
    """A row that is no object is skipped and reported; half of a surrogate pair is replaced."""
    rows = [None, {"id": "2"}, {"id": "3", "payloadName": "\ud800"}]
    graph.tell(REQUESTS, {"value": rows})
    changed = GraphIntune(client).changed_since(START)
    assert [(await anext(changed)).id, (await anext(changed)).target] == ["2", "\ufffd"]
    with pytest.raises(Unreadable) as caught:
        await anext(changed)
    assert caught.value.ids == ("a request without an id",)


async def test_reading_survives_what_passes(tenant: Tenant) -> None:
    """Reading succeeds after throttling, a 503, a lost answer, a challenge or a 401."""
    request = await tenant.file_wipe()
    for kind in (
        Kind.CHALLENGED,
        Kind.THROTTLED,
        Kind.THROTTLED_SILENTLY,
        Kind.UNAVAILABLE,
        Kind.LOST_ANSWER,
        Kind.UNAUTHORIZED,
    ):
        tenant.graph.faults[:] = [Fault(kind)]
        assert (await tenant.intune.get(request)).id == request
        assert tenant.graph.faults[0].times == 0


async def test_access_policies(tenant: Tenant) -> None:
    """Access policies are read with type, platform and approver groups, also of unknown types."""
    tenant.graph.knobs.page_size = 2
    policies = {policy.policy_type: policy for policy in await read_policies(tenant.client)}
    groups = {tenant.world.group("Security-Admins").id, tenant.world.group("Change-Advisory-Board").id}
    assert policies["script"].approver_groups == groups
    assert policies["script"].platform == "windows10AndLater"
    assert "compliancePolicy" in policies


async def test_what_is_known_of_a_device(tenant: Tenant) -> None:
    """The facts of a device are labels and values with readable times; a device that is gone raises `NotFound`."""
    facts = dict(await tenant.intune.device_facts(tenant.world.device("MAC-3")["id"]))
    assert facts["Serial number"] == "SN-1003"
    assert facts["Last contact"] == "2026-11-23 06:41 UTC"
    with pytest.raises(NotFound):
        await tenant.intune.device_facts("none")


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("0001-01-01T00:00:00Z", "never"),
        ("0001-01-01T00:00:00.0000000+08:00", "never"),
        ("0001-01-01T00:00:00-08:00", "never"),
        ("1601-01-01T00:00:00Z", "never"),
        ("9999-12-31T23:59:59.9999999-05:00", "unknown"),
        ("yesterday", "unknown"),
        (None, "unknown"),
    ],
)
async def test_a_last_contact_that_is_no_time(tenant: Tenant, written: str | None, shown: str) -> None:
    """A last contact in the year 1 is shown as "never", and any other impossible time as "unknown"."""
    device = tenant.world.device("MAC-3")
    device |= {"lastSyncDateTime": written, "enrolledDateTime": written}
    facts = dict(await tenant.intune.device_facts(device["id"]))
    assert (facts["Last contact"], facts["Enrolled"]) == (shown, "unknown")
    (found,) = await find_targets(tenant.client, Act.WIPE, "MAC-3")
    assert dict(found.lines)["Last contact"] == shown


# --- people named by audit events ---------------------------------------------------------------------------------


@pytest.mark.parametrize("identity_sets", ["null", "app_only"])
async def test_the_audit_names_who_the_row_does_not(tenant: Tenant, identity_sets: Any) -> None:
    """If the row names nobody, requestor and approver are read from the audit events of this request."""
    tenant.graph.knobs.identity_sets = identity_sets
    other, request = await tenant.file_wipe("PC-2", by="otto"), await tenant.file_wipe()
    assert await tenant.intune.who_approved(request) is None
    await tenant.intune.decide(request, Verdict.APPROVE, "ok", tenant.user_token("dana"))
    await tenant.intune.decide(other, Verdict.REJECT, "no", tenant.user_token("sam"))
    row = await tenant.intune.get(request)
    assert (row.requestor, row.approver) == (None, None)
    filed, approved = await tenant.intune.who_filed(request), await tenant.intune.who_approved(request)
    assert filed is not None
    assert approved is not None
    assert approved.by is not None
    assert (filed.id, approved.by.id) == (tenant.person("rita").id, tenant.person("dana").id)
    assert (filed.is_person, approved.by.is_person) == (True, True)
    assert approved.at == row.modified_at
    assert await tenant.intune.who_approved(other) is None


async def test_the_audit_tells_an_application_from_a_person(tenant: Tenant) -> None:
    """An audit event without a user names the application."""
    pipeline = tenant.world.application(PIPELINE)
    filed = await tenant.intune.who_filed(await tenant.file_wipe(by=pipeline))
    assert filed == Identity(pipeline.app_id, PIPELINE, is_person=False)


def event(at: str, activity: str, user: str = "u1", result: str = "Success", about: str = "R1") -> dict[str, Any]:
    return {
        "activityDateTime": at,
        "activityType": activity,
        "activityResult": result,
        "actor": {"userId": user, "userPrincipalName": user and f"{user}@x"},
        "resources": [{"resourceId": about}],
    }


@pytest.mark.parametrize(
    ("events", "filed", "approved"),
    [
        ([event("2026-11-23T08:00:01Z", "create"), event("2026-11-23T09:00:00Z", "approve X", "u2")], "u1", "u2"),
        ([event("2026-11-23T09:00:00Z", "approve X", "u2")], None, "u2"),  # a late event does not show the requestor
        ([event("2026-11-23T08:06:00Z", "update", "u2")], None, None),  # nor does an event of a later person
        ([event("2026-11-23T08:00:02Z", "approve X", "u2")], None, "u2"),  # nor does a decision
        ([event("2026-11-23T08:00:02Z", "reject X", "u2")], None, None),
        ([event("2026-11-23T08:00:01Z", "create", result="Failure")], None, None),
        ([event("2026-11-23T08:00:01Z", "create", user="")], None, None),
        ([event("2026-11-23T08:00:01Z", "create", about="other")], None, None),
        ([event("", "create")], None, None),
        ([event("2026-11-23T09:00:00Z", word) for word in ("cancelApproval", "reject", "approval sent")], None, None),
        ([event("2026-11-23T09:00:00Z", word) for word in ("Disapprove", "notify approvers")], None, None),
        (
            [
                event("2026-11-23T10:00:00Z", "approve", "late"),
                event("2026-11-23T09:00:00Z", "approve", "early"),
                event("2026-11-23T11:00:00Z", "approve", "failed", result="Failure"),
            ],
            None,
            "late",
        ),
        ([], None, None),
    ],
)
async def test_events_are_read_with_care(
    graph: ScriptedGraph, client: Any, events: list[dict[str, Any]], filed: str | None, approved: str | None
) -> None:
    """Only an event that is certain to show who filed or approved counts; otherwise the person stays unknown."""
    graph.tell(f"{REQUESTS}/r1", {"id": "r1", "requestDateTime": "2026-11-23T08:00:00Z"})
    graph.tell("/v1.0/deviceManagement/auditEvents", {"value": events})
    filer, approval = await GraphIntune(client).who_filed("r1"), await GraphIntune(client).who_approved("r1")
    assert (filer and filer.id, approval and approval.by and approval.by.id) == (filed, approved)


async def test_without_a_date_nothing_is_asked(graph: ScriptedGraph, client: Any) -> None:
    """If the request has no filing time, the audit events are not read."""
    graph.tell(f"{REQUESTS}/r1", {"id": "r1"})
    assert await GraphIntune(client).who_filed("r1") is None
    assert len(graph.calls) == 1


# --- deciding -----------------------------------------------------------------------------------------------------


def said(tenant: Tenant) -> list[str]:
    """Return who sent which decision, and with which status it was answered."""
    verbs = ("approve", "reject", "cancelApproval")
    calls = [call for call in tenant.graph.calls if call.path.rsplit("/", 1)[-1] in verbs]
    return [f"{call.who.split('@')[0]} {call.path.rsplit('/', 1)[-1]} {call.status}" for call in calls]


@pytest.mark.parametrize(("verdict", "status"), [(Verdict.APPROVE, "approved"), (Verdict.REJECT, "rejected")])
async def test_a_person_decides(tenant: Tenant, verdict: Verdict, status: str) -> None:
    """A decision is one call with the person's token and note, and returns Graph's request id."""
    request = await tenant.file_wipe()
    assert await tenant.intune.decide(request, verdict, "checked", tenant.user_token("dana"))
    (decision,) = tenant.graph.decisions(request)
    assert (decision.verdict, decision.by.name, decision.note) == (verdict.value, "Dana Diaz", "checked")
    row = await tenant.intune.get(request)
    assert (row.raw_status, row.approval_note) == (status, "checked")
    assert row.approver == Identity(tenant.person("dana").id, "Dana Diaz", is_person=True)
    assert said(tenant) == [f"dana {verdict.value} 200"]


async def test_a_person_takes_an_approval_back(tenant: Tenant) -> None:
    """A person can take an approval back before it is completed."""
    request = await tenant.file_wipe()
    await tenant.intune.decide(request, Verdict.APPROVE, "", tenant.user_token("dana"))
    await tenant.intune.cancel_approval(request, "below quorum", tenant.user_token("sam"))
    assert (await tenant.intune.get(request)).raw_status == "cancelled"
    assert said(tenant) == ["dana approve 200", "sam cancelApproval 200"]


@pytest.mark.parametrize("nested", [False, True])
@pytest.mark.parametrize(
    ("who", "error"),
    [
        ("ritaadmin", None),
        ("rita", Forbidden),  # her own request
        ("alex", Forbidden),  # member of another group
        ("nina", Forbidden),  # member of a nested group
        ("otto", Forbidden),  # no Intune role
    ],
)
async def test_intune_has_the_last_word(tenant: Tenant, who: str, error: type[PortError] | None, nested: bool) -> None:
    """A refusal by Intune is raised without internal addresses, and the decision is not sent again."""
    tenant.graph.knobs.nested = nested
    request = await tenant.file_wipe()
    if error is None:
        await tenant.intune.decide(request, Verdict.APPROVE, "", tenant.user_token(who))
        return
    with pytest.raises(error) as caught:
        await tenant.intune.decide(request, Verdict.APPROVE, "", tenant.user_token(who))
    assert caught.value.request_id
    assert "http" not in str(caught.value)
    assert "Activity ID" not in str(caught.value)
    assert said(tenant) == [f"{who} approve 403"]


@pytest.mark.parametrize("claims", [{"gdap": True}, {"scp": "User.Read"}])
async def test_a_token_that_is_not_enough(tenant: Tenant, claims: dict[str, Any]) -> None:
    """A token of a partner's administrator, or without the needed scope, is refused."""
    request = await tenant.file_wipe()
    with pytest.raises(Forbidden):
        await tenant.intune.decide(request, Verdict.APPROVE, "", tenant.user_token("dana", **claims))


async def test_an_application_cannot_decide(tenant: Tenant) -> None:
    """Intune refuses a decision with an application's token, and its reason is passed on."""
    request = await tenant.file_wipe()
    token = UserToken("worker", tenant.entra.app_token(tenant.world.application(WORKER).app_id))
    with pytest.raises(Forbidden, match="Valid user identity required"):
        await tenant.intune.decide(request, Verdict.APPROVE, "", token)


async def test_too_late(tenant: Tenant) -> None:
    """A decision on a decided request raises `Conflict`, on an expired one an error, and on an unknown one
    `NotFound`."""
    request, old = await tenant.file_wipe(), await tenant.file_wipe("PC-2")
    await tenant.intune.decide(request, Verdict.REJECT, "", tenant.user_token("sam"))
    with pytest.raises(Conflict):
        await tenant.intune.decide(request, Verdict.APPROVE, "", tenant.user_token("dana"))
    tenant.clock.advance(timedelta(days=4))
    with pytest.raises(PortError):
        await tenant.intune.decide(old, Verdict.APPROVE, "", tenant.user_token("dana"))
    with pytest.raises(NotFound):
        await tenant.intune.decide("none", Verdict.APPROVE, "", tenant.user_token("dana"))


@pytest.mark.parametrize(
    ("kind", "error", "applied"),
    [
        (Kind.THROTTLED, Throttled, 0),
        (Kind.UNAVAILABLE, Unavailable, 0),
        (Kind.LOST_REQUEST, Unavailable, 0),
        (Kind.LOST_ANSWER, Unavailable, 1),
        (Kind.TIMEOUT_AFTER, Unavailable, 1),
    ],
)
async def test_a_decision_is_sent_once(tenant: Tenant, kind: Kind, error: type[PortError], applied: int) -> None:
    """A decision is sent once, whether or not it was carried out."""
    request = await tenant.file_wipe()
    tenant.graph.faults.append(Fault(kind, "approve"))
    with pytest.raises(error):
        await tenant.intune.decide(request, Verdict.APPROVE, "", tenant.user_token("dana"))
    assert len(said(tenant)) == 1
    assert len(tenant.graph.decisions(request)) == applied


async def test_a_challenged_person_signs_in_again(tenant: Tenant) -> None:
    """If Graph challenges a person's token, the claims are raised for a new sign-in, and no other token is used."""
    request = await tenant.file_wipe()
    tenant.graph.faults.append(Fault(Kind.CHALLENGED, "approve"))
    with pytest.raises(SignInFailed) as caught:
        await tenant.intune.decide(request, Verdict.APPROVE, "", tenant.user_token("dana", xms_cc=["CP1"]))
    assert caught.value.trouble is SignInTrouble.MORE_PROOF
    assert '"nbf"' in caught.value.claims
    assert said(tenant) == ["dana approve 401"]
