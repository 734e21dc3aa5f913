"""Queries: filters, order, selection, paging and counts."""

import pytest

from simulator.story import PIPELINE
from tests.simulator.loopback import DEVICES, REQUESTS, Tenant


@pytest.fixture
def requests(tenant: Tenant) -> list[str]:
    """Return the ids of three wipe requests, the last one approved."""
    filed = [tenant.portal.file_wipe("rita", name, f"lost {name}") for name in ("PC-1", "PC-2", "MAC-3")]
    tenant.portal.approve("dana", filed[-1])
    return filed


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("status eq 'needsApproval'", ["PC-1", "PC-2"]),
        ("status eq 'approved'", ["MAC-3"]),
        ("status ne 'approved' and requestJustification eq 'lost PC-2'", ["PC-2"]),
        ("(status eq 'approved' or requestJustification eq 'lost PC-1')", ["MAC-3", "PC-1"]),
        ("not status eq 'approved'", ["PC-1", "PC-2"]),
        ("startswith(requestJustification,'lost PC')", ["PC-1", "PC-2"]),
        ("contains(requestJustification, 'MAC')", ["MAC-3"]),
        ("requestDateTime ge 2026-11-23T08:00:00Z", ["MAC-3", "PC-1", "PC-2"]),
        ("requestDateTime gt 2026-11-23T08:00:00Z", []),
        ("approvalJustification eq null", ["PC-1", "PC-2"]),
    ],
)
async def test_filters(tenant: Tenant, requests: list[str], query: str, names: list[str]) -> None:
    """Filters as Graph's callers write them find the right rows."""
    rows = (await tenant.get(REQUESTS, filter=query)).rows
    assert sorted(row["payloadName"] for row in rows) == names


@pytest.mark.parametrize(
    "query",
    ["requestId eq 'x'", "status", "status eq", "status like 'x'", "status eq 'a' nonsense", "(status eq 'a'", "§", ""],
)
async def test_bad_filters(tenant: Tenant, requests: list[str], query: str) -> None:
    """An unknown property or a broken filter answers 400, and never an empty list."""
    assert (await tenant.get(REQUESTS, filter=query)).status == 400


async def test_filter_may_be_refused(tenant: Tenant, requests: list[str]) -> None:
    """With this knob filters are refused, so a client has to filter by itself."""
    tenant.graph.knobs.filter_refused = True
    assert (await tenant.get(REQUESTS, filter="status eq 'approved'")).status == 400
    assert len((await tenant.get(REQUESTS)).rows) == 3


async def test_paging(tenant: Tenant, requests: list[str]) -> None:
    """Following the links gives every row once, with the same query."""
    tenant.graph.knobs.page_size = 1
    page = await tenant.get(REQUESTS, filter="status eq 'needsApproval'", count="true")
    assert page.body["@odata.count"] == 2
    seen = list(page.rows)
    while "@odata.nextLink" in page.body:
        page = await tenant.call("GET", page.body["@odata.nextLink"])
        seen += page.rows
    assert sorted(row["id"] for row in seen) == sorted(requests[:2])


async def test_top_skip_and_order(tenant: Tenant, requests: list[str]) -> None:
    """$top and $skip select a part of the ordered rows."""
    page = await tenant.get(REQUESTS, orderby="requestJustification desc", top="1", skip="1", select="id,status")
    assert page.rows == [{"id": requests[0], "status": "needsApproval"}]


@pytest.mark.parametrize("query", [{"top": "-1"}, {"top": "x"}, {"skip": "²"}, {"skiptoken": "x"}, {"search": '"a"'}])
async def test_bad_options(tenant: Tenant, requests: list[str], query: dict[str, str]) -> None:
    """Invalid options are refused."""
    assert (await tenant.get(REQUESTS, **query)).status == 400


async def test_count(tenant: Tenant, requests: list[str]) -> None:
    """$count answers the number of matching rows, as text."""
    assert (await tenant.get(f"{REQUESTS}/$count")).body == "3"
    assert (await tenant.get(f"{REQUESTS}/$count", filter="status eq 'approved'")).body == "1"


async def test_newest_first(tenant: Tenant, requests: list[str]) -> None:
    """The newest request comes first."""
    assert [row["id"] for row in (await tenant.get(REQUESTS)).rows] == requests[::-1]


async def test_device_filters(tenant: Tenant) -> None:
    """Devices are found by name in any case, serial number or owner; names are not unique, quotes are doubled."""
    for query, count in (
        ("deviceName eq 'pc-1'", 1),
        ("deviceName eq 'LAPTOP-7'", 2),
        ("serialNumber eq 'SN-2007'", 1),
        ("userPrincipalName eq 'rita@company.onmicrosoft.com'", 1),
        ("deviceName eq 'O''Brien'", 0),
    ):
        assert len((await tenant.get(DEVICES, filter=query)).rows) == count


async def test_empty_literal_returns_every_device(tenant: Tenant) -> None:
    """A filter with an empty name matches every device."""
    assert len((await tenant.get(DEVICES, filter="deviceName eq ''")).rows) == len(tenant.world.devices)


async def test_memory_only_on_a_single_device(tenant: Tenant) -> None:
    """Some properties of a device are zero in lists, and have their value only when the device is read alone."""
    (row,) = (await tenant.get(DEVICES, filter="deviceName eq 'PC-1'")).rows
    one = (await tenant.get(f"{DEVICES}/{row['id']}")).body
    assert (row["physicalMemoryInBytes"], one["physicalMemoryInBytes"]) == (0, 17179869184)


async def test_unknown_paths(tenant: Tenant) -> None:
    """An unknown segment is named in the error; a wrong method and a wrong version have other errors."""
    assert "'deviceTeleports'" in (await tenant.get("/beta/deviceManagement/deviceTeleports")).error[2]
    assert "'planets'" in (await tenant.get("/v1.0/planets/1")).error[2]
    wrong = await tenant.call("PUT", DEVICES, PIPELINE)
    assert wrong.error[::2] == (400, "No method match route template")
    assert (await tenant.get("/v2.0/users")).status == 404
