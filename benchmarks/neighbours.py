"""The simulated tenant in a separate process, so that it takes no time from what is measured.

Prints one line of JSON: the bot's environment, its policy document, a signed token, the published key, and the people.
"""

import asyncio
import json
import sys
from pathlib import Path

from simulator.clock import WallClock
from simulator.tenant import tenant
from simulator.world import DOMAIN, User, guid

PEOPLE = 128
"""More than there are connections, so that no two concurrent clicks ask for the same person."""


async def main(directory: Path, public_url: str) -> None:
    """Serve until standard input ends."""
    async with tenant(WallClock()) as site:
        group = site.world.group("Security-Admins")
        people = [_approver(number) for number in range(PEOPLE)]
        site.world.users |= {person.id: person for person in people}
        group.members |= {person.id for person in people}
        handed_over = {
            "environment": site.environment(directory / "ca.pem", public_url),
            "policy": site.policy(pollEvery="PT10M"),
            "token": site.teams.minter.good(),
            "key": site.connector.key.jwk(),
            "bot": site.connector.bot_app_id,
            "tenant": site.world.tenant_id,
            "service_url": site.connector.service_url,
            "channel": site.channels["Change Advisory Board"].id,
            "people": [{"id": person.mri, "name": person.name, "aadObjectId": person.id} for person in people],
        }
        sys.stdout.write(json.dumps(handed_over) + "\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.read)


def _approver(number: int) -> User:
    upn = f"approver-{number}@{DOMAIN}"
    return User(guid("user", upn), f"Approver {number}", upn, employee_id=f"E-{number}")


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
