"""The page on which a person acts as the people of a tenant, by hand."""

from datetime import UTC, datetime

import aiohttp

from simulator.certificate import Authority
from simulator.clock import Clock
from simulator.site import serve
from simulator.teams.clients import CARD
from simulator.tenant import tenant
from simulator.window import Window


async def test_the_window(authority: Authority) -> None:
    """The page shows a card with its buttons, the portal accepts requests, and typed text never becomes markup."""
    async with tenant(Clock(datetime(2026, 11, 23, 8, tzinfo=UTC)), authority=authority) as site:
        content = {
            "type": "AdaptiveCard",
            "version": "1.5",
            "body": [{"type": "TextBlock", "text": "<b>Wipe PC-1</b>"}],
            "actions": [{"type": "Action.Execute", "title": "Approve", "verb": "approve", "data": {}}],
        }
        attachment = {"contentType": CARD, "content": content}
        message = site.connector.places.write(site.channels["Approvals"], {"attachments": [attachment]})
        async with serve(Window(site).app(), None) as origin, aiohttp.ClientSession(origin) as browser:
            asked = {"who": "dana", "what": "wipe", "about": "PC-2"}
            async with browser.post("/portal", data=asked) as response:
                page = await response.text()
            assert "Requested on the test page" in page
            assert "&lt;b&gt;Wipe PC-1&lt;/b&gt;" in page
            assert "<button>Approve</button>" in page

            [filed] = site.graph.requests()
            async with browser.post("/portal", data=asked | {"what": "approve", "about": filed.id}) as response:
                assert "403" in await response.text()

            click = {"who": "sam", "verb": "reject", "message": message.id, "conversation": message.conversation}
            async with browser.post("/click", data=click) as response:
                assert "sees no button" in await response.text()
            async with browser.post("/click", data=click | {"message": "unknown"}) as response:
                assert response.status == 404
