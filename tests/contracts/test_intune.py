"""`Intune`: requests are read as they are now, and decided once in a person's name."""

from datetime import timedelta

import pytest

from approvals.request import Verdict
from handlers.ports.errors import Conflict, Forbidden, NotFound
from handlers.ports.intune import Identity
from tests.contracts.tenants import Company, every

HOUR = timedelta(hours=1)


async def test_a_row_says_what_waits_and_who_asked(company: Company) -> None:
    """A row says what waits and who asked, in the parts that the flows read."""
    request = await company.file()
    row = await company.intune.get(request)

    assert (row.id, row.raw_status, row.policy_types) == (request, "needsApproval", ("deviceWipe",))
    assert (row.kind, row.action, row.target) == ("ManagedDevice", "wipe", "PC-1")
    assert row.target_id == company.world.device("PC-1")["id"]
    assert row.requestor == Identity(company.account("rita"), "Rita Rossi", is_person=True)
    assert (row.approver, row.justification) == (None, "stolen laptop")
    assert row.filed_at == row.modified_at == company.now


async def test_what_changed_since_is_of_every_status(company: Company) -> None:
    """Rows that changed at or after the given time are listed, whatever their status; without a time, all rows."""
    old = await company.file("PC-1")
    company.pass_time(HOUR)
    new, decided = await company.file("PC-2"), await company.file("MAC-3")
    await company.intune.decide(decided, Verdict.REJECT, "no", company.token("dana"))

    assert {row.id for row in await every(company.intune.changed_since(None))} == {old, new, decided}
    since = await every(company.intune.changed_since(company.now))
    assert {row.id: row.raw_status for row in since} == {new: "needsApproval", decided: "rejected"}
    later = company.now + timedelta(seconds=1)
    assert await every(company.intune.changed_since(later)) == []
    news = await every(
        company.intune.changed_since(later, lambda intune_id, status: (intune_id, status) == (old, "needsApproval"))
    )
    assert {row.id for row in news} == {old}


@pytest.mark.parametrize(("verdict", "status"), [(Verdict.APPROVE, "approved"), (Verdict.REJECT, "rejected")])
async def test_a_person_decides(company: Company, verdict: Verdict, status: str) -> None:
    """A person decides in their own name with their note, and the answer has an id."""
    request = await company.file()
    company.pass_time(HOUR)

    assert await company.intune.decide(request, verdict, "checked", company.token("dana"))

    row = await company.intune.get(request)
    assert (row.raw_status, row.approval_note, row.modified_at) == (status, "checked", company.now)
    assert row.approver == Identity(company.account("dana"), "Dana Diaz", is_person=True)


async def test_a_second_decision_is_a_conflict(company: Company) -> None:
    """A second decision is a conflict, and the first one stays."""
    request = await company.file()
    await company.intune.decide(request, Verdict.REJECT, "no", company.token("sam"))

    with pytest.raises(Conflict):
        await company.intune.decide(request, Verdict.APPROVE, "yes", company.token("dana"))
    assert (await company.intune.get(request)).raw_status == "rejected"


async def test_nobody_decides_on_their_own_request(company: Company) -> None:
    """Intune refuses a decision on one's own request, and its answer has an id."""
    request = await company.file()

    with pytest.raises(Forbidden) as refused:
        await company.intune.decide(request, Verdict.APPROVE, "", company.token("rita"))
    assert refused.value.request_id
    assert (await company.intune.get(request)).raw_status == "needsApproval"


async def test_an_approval_is_taken_back_before_it_is_completed(company: Company) -> None:
    """An approval can be withdrawn before the completion; the request is then cancelled."""
    request = await company.file()
    await company.intune.decide(request, Verdict.APPROVE, "", company.token("dana"))

    assert await company.intune.cancel_approval(request, "below quorum", company.token("sam"))
    assert (await company.intune.get(request)).raw_status == "cancelled"


async def test_a_long_note_is_cut(company: Company) -> None:
    """A long note is cut, so that it does not stop a decision."""
    request = await company.file()
    await company.intune.decide(request, Verdict.APPROVE, "x" * 5000, company.token("dana"))

    assert (await company.intune.get(request)).approval_note == "x" * 1024


async def test_what_is_gone_is_not_found(company: Company) -> None:
    """A missing request or device is not found, whether it is read or decided."""
    with pytest.raises(NotFound):
        await company.intune.get("none")
    with pytest.raises(NotFound):
        await company.intune.decide("none", Verdict.APPROVE, "", company.token("dana"))
    with pytest.raises(NotFound):
        await company.intune.device_facts("none")


async def test_an_approval_is_known_by_the_audit(company: Company) -> None:
    """Intune's audit says when and by whom a request was approved; a rejection is no approval."""
    approved, rejected = await company.file("PC-1"), await company.file("PC-2")
    before = await company.intune.who_approved(approved)
    company.pass_time(HOUR)
    await company.intune.decide(approved, Verdict.APPROVE, "", company.token("dana"))
    await company.intune.decide(rejected, Verdict.REJECT, "", company.token("dana"))

    event = await company.intune.who_approved(approved)
    assert before is None
    assert event is not None
    assert event.by is not None
    assert (event.at, event.by.id) == (company.now, company.account("dana"))
    assert await company.intune.who_approved(rejected) is None


async def test_a_device_s_facts_are_label_and_value(company: Company) -> None:
    """The facts of a device are pairs of label and value, read at this moment."""
    facts = dict(await company.intune.device_facts(company.world.device("MAC-3")["id"]))
    assert facts["Serial number"] == "SN-1003"
