"""The night story: nobody answers, a person on call is paged, break-glass is used and reviewed in the morning."""

from datetime import timedelta
from typing import Any

from simulator.browser import sign_in
from simulator.stage import Stage, first_line
from simulator.teams.buttons import actions
from simulator.teams.places import Message
from simulator.tenant import Tenant

WHY = "The director's MacBook was stolen at the airport an hour ago, it is unlocked and online"
FOUND = "The police report matches, the device was online and unlocked. It could not have waited."


def in_seconds() -> dict[str, Any]:
    """Return settings with which the night story takes seconds."""
    return {"pollEvery": "PT1S", "reminders": {"urgent": [{"after": "PT1S", "do": "on-call"}]}}


def let_directors_approve(site: Tenant) -> None:
    """Let the people who may break glass approve wipes in Intune as well."""
    [policy] = [policy for policy in site.world.policies.values() if policy.policy_type == "deviceWipe"]
    policy.approver_group_ids.append(site.world.group("IT-Directors").id)


class Night(Stage):
    """The story of a laptop that is stolen at three in the morning."""

    async def play(self) -> None:
        """Play the story from the request to the review."""
        let_directors_approve(self.site)
        self.tell.chapter("6  An emergency at night: nobody answers")
        asked = await self.ask("otto", "/wipe MAC-3 --urgent", "MAC-3", "Stolen at the airport, INC-2091")
        card = await self.card("Approvals", "MAC-3")
        self.tell.done("At three in the morning Otto requests a wipe of a stolen MacBook. The approvers are asleep.")
        paged = await self.card("On-Call", "MAC-3")
        await self.until_says(paged, "Sam Schmidt")
        self.tell.done("The request is urgent. Sam, who is on call, is paged at once and does not answer.")
        await self._break_glass(_request_in(paged))
        await self.until_says(card, "broke the glass")
        await self.until(lambda: bool(self._alarms()), "Operations gets an alarm")
        lines = self._alarms()
        self.check(len(lines) == 1, "Operations got more than one alarm")
        self.tell.says("Operations", lines[0])
        await self._heard_outside()
        wiped = self.device("MAC-3")
        await self.until(lambda: bool(wiped["deviceActionResults"]), "the device is told to wipe itself")
        self.site.clock.advance(timedelta(minutes=30))
        await self.until_says(card, "✓ Done")
        self.tell.done("The bot files the wipe, approves it in Ivan's name and completes it. The MacBook is wiped.")
        self.tell.shows(card.card or {}, "Approvals")
        self.check(bool(self.site.graph.outbox), "nobody got a mail")
        self.tell.done(f"{len(self.site.graph.outbox)} mails notify the approvers who were bypassed.")
        self.check(asked.card is not None, "Otto has no card")
        await self._review()

    def _alarms(self) -> list[str]:
        said = [message.text for message in self.site.channels["Operations"].messages]
        return [text for text in said if "broke the glass" in text]

    async def _break_glass(self, request_id: str) -> None:
        """Break the glass as Ivan, an IT director; of these people, the configuration allows only him."""
        refused = await self.write("dana", f"/breakglass {request_id}")
        self.check("not one of those that may break glass" in str(refused.card), "Dana was not told why not")
        prompt = await self.write("ivan", f"/breakglass {request_id}")
        client = self.site.teams.client("ivan")
        short = await client.click(prompt, "break", {"why": "stolen", "name": "MAC-3"})
        self.tell.done("Ivan, an IT director, may use break-glass. His justification of one word is refused.")
        self.tell.says("Card", first_line(short.card))
        answer = await client.click(prompt, "break", {"why": WHY, "name": "MAC-3"})
        said = str(answer.card)
        for link in [str(action["url"]) for action in actions(answer.card or {}) if action.get("title") == "Sign in"]:
            said = await sign_in(self.site.session, "ivan", link)
        self.check("The glass is broken" in said, f"break-glass failed: {answer.error or said}")
        self.tell.done("He describes the emergency, types the device name and signs in. Break-glass takes effect.")

    async def _heard_outside(self) -> None:
        """Check that the outside receiver got the page and the break-glass alarm, signed and without the reason."""
        outside = self.site.outside

        def heard(kind: str, words: str) -> list[str]:
            texts = [event["data"]["text"] for event in outside.events if event["type"] == kind]
            return [text for text in texts if words in text]

        await self.until(lambda: bool(heard("countersign.page", "Sam Schmidt")), "the page arrives outside the tenant")
        await self.until(
            lambda: bool(heard("countersign.alarm", "broke the glass")), "the alarm arrives outside the tenant"
        )
        self.check(not outside.forged, "a message from the bot could not be verified")
        self.check("airport" not in str(outside.events), "the reason left the tenant")
        self.tell.done("The alarm also arrives outside the tenant, in case Teams is down.")
        self.tell.says("Webhook", heard("countersign.alarm", "broke the glass")[0])

    async def _review(self) -> None:
        self.tell.chapter("7  The review on the next morning")
        found = [one for one in self.site.channels["Approvals"].messages if "Review needed" in str(one.card)]
        self.check(len(found) == 1, "there is no review")
        [review] = found
        own = await self.site.teams.client("ivan").click(review, "review")
        self.tell.done("A review is open in the channel. Ivan tries to close it himself.")
        self.tell.says("Card", first_line(own.card))
        await self.site.teams.client("sam").click(review, "review")
        await self.site.teams.client("sam").click(review, "justified", {"text": FOUND})
        await self.until_says(review, "Review closed: justified")
        self.tell.done("Sam reads what happened and closes the review as justified.")
        self.tell.shows(review.card or {}, "Approvals")


def _request_in(message: Message) -> str:
    """Return the request id in the buttons of a card."""
    return next(str(action["data"]["request"]) for action in actions(message.card or {}) if "data" in action)
