"""A secret in a request is on no card, in no store and in no log. The card says that there is one."""

import json
from typing import Any

import pytest
from redis.asyncio import from_url

from tests.office import Office, day_with, text_of
from tests.scenarios.test_types import protected

KEY = "hunter2xQ9z"
PASSWORD = "./Device/Vendor/MSFT/Accounts/Users/admin/Password"
PROFILES: dict[str, dict[str, Any]] = {
    "oma": {
        "@odata.type": "#microsoft.graph.windows10CustomConfiguration",
        "omaSettings": [
            {"@odata.type": "#microsoft.graph.omaSettingString", "omaUri": PASSWORD, "value": KEY},
            {"omaUri": "./x/Wlan", "value": f"<WLANProfile><keyMaterial><![CDATA[{KEY}]]></keyMaterial></WLANProfile>"},
        ],
    },
    "wifi": {"@odata.type": "#microsoft.graph.windowsWifiConfiguration", "preSharedKey": KEY, "proxyPassword": KEY},
    "unheard-of": {"settings": json.dumps([{"key": "apiToken", "valueString": KEY}])},
}


async def everything_stored(day: Office) -> str:
    """Return the stored requests as text. (A dump of Redis would be compressed.)"""
    async with from_url(day.redis_url) as store:
        kept = [await store.hgetall(name) async for name in store.scan_iter("*", _type="hash")]
    assert any("configuration profile" in repr(one) or "DeviceConfiguration" in repr(one) for one in kept)
    return repr(kept)


@day_with(everythingElse={"approverGroups": ["IT-Directors"]})
@pytest.mark.parametrize("profile", PROFILES)
async def test_a_secret_goes_nowhere(day: Office, capsys: pytest.CaptureFixture[str], profile: str) -> None:
    """A secret is not on the card, not under Details, not in the output, not in the audit and not in the store."""
    protected(day)
    body = {"displayName": "Corp", **PROFILES[profile]}
    day.tenant.portal.file_new("rita", "deviceManagement/deviceConfigurations", body, "New office")
    await day.poll()

    step = await day.click("ivan", "details", day.card())

    assert "not shown" in text_of(step.card)
    for said in (text_of(day.card().card), text_of(step.card), capsys.readouterr().out, repr(await day.audit())):
        assert KEY not in said
    assert KEY not in await everything_stored(day)
