"""Mail, presence, Intune's audit log and $batch."""

import base64
from datetime import timedelta
from typing import Any

import pytest

from simulator.graph import Fault, Kind
from simulator.graph.mail import Mail
from simulator.story import MAILBOX, WORKER
from tests.simulator.loopback import REQUESTS, Tenant

AUDIT = "/v1.0/deviceManagement/auditEvents"


def _message(*to: str) -> dict[str, Any]:
    recipients = [{"emailAddress": {"address": address}} for address in to]
    body = {"contentType": "Text", "content": "Please decide."}
    return {"message": {"subject": "Wipe PC-1", "body": body, "toRecipients": recipients}, "saveToSentItems": False}


async def test_mail_lands_in_the_outbox(tenant: Tenant) -> None:
    """A sent mail is answered with 202 and no body, which says only that it was accepted."""
    sent = await tenant.call("POST", f"/v1.0/users/{MAILBOX}/sendMail", body=_message("dana@company.onmicrosoft.com"))
    assert (sent.status, sent.body) == (202, "")
    (mail,) = tenant.graph.outbox
    assert (mail.sender, mail.to, mail.subject) == (MAILBOX, ("dana@company.onmicrosoft.com",), "Wipe PC-1")


@pytest.mark.parametrize("body", [_message(), _message("nobody"), {}, {"message": {"subject": "x"}}, {"message": "x"}])
async def test_bad_mail_is_refused(tenant: Tenant, body: dict[str, Any]) -> None:
    """A mail without recipients or content is refused."""
    assert (await tenant.call("POST", f"/v1.0/users/{MAILBOX}/sendMail", body=body)).status == 400
    assert tenant.graph.outbox == []


MIME = """From: whoever@example.org
To: Dana <dana@company.onmicrosoft.com>
Bcc: sam@company.onmicrosoft.com
Subject: =?utf-8?q?L=C3=B6schen?=
Content-Type: multipart/alternative; boundary=b

--b
Content-Type: text/plain

Please decide.
--b
Content-Type: text/html

<p>Please decide.</p>
--b--
"""


async def _send_mime(tenant: Tenant, body: bytes, mailbox: str = MAILBOX) -> tuple[int, Any]:
    headers = tenant.bearer(WORKER) | {"Content-Type": "text/plain"}
    url = f"{tenant.origin}/v1.0/users/{mailbox}/sendMail"
    async with tenant.session.post(url, data=body, headers=headers) as answer:
        return answer.status, await answer.json() if answer.status >= 400 else await answer.text()


async def test_a_whole_message_lands_in_the_outbox(tenant: Tenant) -> None:
    """A MIME message arrives with both parts and every recipient, from the mailbox, whatever its From says."""
    assert await _send_mime(tenant, base64.b64encode(MIME.encode())) == (202, "")
    to = ("dana@company.onmicrosoft.com", "sam@company.onmicrosoft.com")
    assert tenant.graph.outbox == [Mail(MAILBOX, to, "Löschen", "Please decide.", "<p>Please decide.</p>")]


@pytest.mark.parametrize(
    "body",
    [
        MIME.encode(),
        b"%%%",
        b"",
        base64.b64encode(MIME.encode())[:-3],
        base64.b64encode(b"Subject: to nobody\n\ntext\n"),
        base64.b64encode(b"To: nobody\n\ntext\n"),
        base64.b64encode(b"To: d@x.org\nContent-Type: text/plain; charset=klingon\n\ntext\n"),
    ],
)
async def test_a_bad_whole_message_is_refused(tenant: Tenant, body: bytes) -> None:
    """A MIME message that is not base64, is cut off, names nobody or cannot be read is refused."""
    status, _ = await _send_mime(tenant, body)
    assert status == 400
    assert tenant.graph.outbox == []


async def test_an_account_without_a_mailbox_sends_nothing(tenant: Tenant) -> None:
    """An account without a mailbox cannot send."""
    status, answer = await _send_mime(tenant, base64.b64encode(MIME.encode()), "ritaadmin@company.onmicrosoft.com")
    assert (status, answer["error"]["code"]) == (404, "MailboxNotEnabledForRESTAPI")


async def test_presence(tenant: Tenant) -> None:
    """Presence is read for one person, or for up to 650."""
    dana = tenant.world.user("dana")
    dana.availability = "Busy"
    assert (await tenant.get(f"/v1.0/users/{dana.id}/presence")).body["availability"] == "Busy"
    path = "/v1.0/communications/getPresencesByUserId"
    many = await tenant.call("POST", path, body={"ids": [dana.id, tenant.world.user("sam").id]})
    assert sorted(row["availability"] for row in many.rows) == ["Available", "Busy"]
    assert (await tenant.call("POST", path, body={"ids": [dana.id] * 651})).status == 400


async def test_out_of_office(tenant: Tenant) -> None:
    """A person who is out of office is shown as offline, with the reason in two properties."""
    dana = tenant.world.user("dana")
    dana.availability = "OutOfOffice"
    shown = (await tenant.get(f"/v1.0/users/{dana.id}/presence")).body
    assert (shown["availability"], shown["activity"]) == ("Offline", "OutOfOffice")
    assert shown["outOfOfficeSettings"]["isOutOfOffice"] is True


async def test_audit_by_date(tenant: Tenant) -> None:
    """The audit says who did what to which request; it can be filtered by time and sorted newest first."""
    wipe = tenant.portal.file_wipe("rita", "PC-1", "stolen")
    tenant.clock.advance(timedelta(hours=1))
    tenant.portal.approve("dana", wipe)
    events = (await tenant.get(AUDIT, filter="activityDateTime ge 2026-11-23T08:30:00Z")).rows
    assert [event["actor"]["userId"] for event in events] == [tenant.world.user("dana").id]
    assert events[0]["resources"][0]["resourceId"] == wipe
    newest = (await tenant.get(AUDIT, orderby="activityDateTime desc", top="1")).rows
    assert newest == events


async def test_audit_vocabulary(tenant: Tenant) -> None:
    """Categories and activity types can be read."""
    tenant.portal.file_wipe("rita", "PC-1", "stolen")
    (category,) = (await tenant.get(f"{AUDIT}/getAuditCategories()")).body["value"]
    types = (await tenant.get(f"{AUDIT}/getAuditActivityTypes(category='{category}')")).body["value"]
    assert types == ["Create OperationApprovalRequest"]


async def _batch(tenant: Tenant, *parts: dict[str, Any]) -> list[Any]:
    answer = await tenant.call("POST", "/beta/$batch", body={"requests": list(parts)})
    assert answer.status == 200, answer.body
    return list(answer.body["responses"])


async def test_batch(tenant: Tenant) -> None:
    """Each part of a batch has its own status, and the batch itself has 200."""
    tenant.portal.file_wipe("rita", "PC-1", "stolen")
    path = "/deviceManagement/operationApprovalRequests"
    responses = await _batch(
        tenant,
        {"id": "1", "method": "GET", "url": f"{path}?$filter=status eq 'needsApproval'&$select=id"},
        {"id": "2", "method": "GET", "url": f"{path}/unknown"},
        {"id": "3", "method": "GET", "url": path, "dependsOn": ["2"]},
    )
    assert [response["status"] for response in responses] == [200, 404, 424]
    assert len(responses[0]["body"]["value"]) == 1


async def test_batch_parts_meet_faults(tenant: Tenant) -> None:
    """A part of a batch can be throttled alone, and is recorded alone."""
    tenant.graph.faults.append(Fault(Kind.THROTTLED, "/users"))
    me = {"method": "GET", "url": f"/users/{tenant.world.user('dana').id}"}
    responses = await _batch(tenant, {"id": "1", **me}, {"id": "2", **me})
    assert [response["status"] for response in responses] == [429, 200]
    assert responses[0]["headers"]["Retry-After"] == "1"
    assert [call.status for call in tenant.graph.calls] == [429, 200]


async def test_batch_post(tenant: Tenant) -> None:
    """A part of a batch has its own body and headers."""
    wipe = tenant.portal.file_wipe("rita", "PC-1", "stolen")
    part = {
        "id": "1",
        "method": "POST",
        "url": f"{REQUESTS.removeprefix('/beta')}/{wipe}/approve",
        "headers": {"Content-Type": "application/json"},
        "body": {"justification": "ok"},
    }
    answer = await tenant.call("POST", "/beta/$batch", "dana", {"requests": [part]})
    assert answer.body["responses"][0]["status"] == 200
    assert tenant.graph.request(wipe).status == "approved"


@pytest.mark.parametrize("requests", [[], [{"id": "1", "method": "GET", "url": "/users"}] * 21, "all", [{"url": "/"}]])
async def test_malformed_batch(tenant: Tenant, requests: Any) -> None:
    """A batch has one to twenty parts, each with an id."""
    assert (await tenant.call("POST", "/v1.0/$batch", WORKER, {"requests": requests})).status == 400
