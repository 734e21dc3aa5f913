"""The people that the titles of on-call products name."""

import pytest

from bot.graph.names import NoUsableAccount, folded
from bot.oncall.titles import Meant, whom

PEOPLE: dict[str, str | NoUsableAccount] = {
    "dana diaz": "dana",
    "diaz, dana": "dana",
    "sam schmidt": "sam",
    "anna-maria o'neil": "anna",
    "dana diaz (it)": "other dana",
    "nina": NoUsableAccount.SEVERAL,
    "gus gone": NoUsableAccount.INACTIVE,
    "on call": "a mailbox",
    "primary": "a mailbox",
    "security": "a mailbox",
}


async def find(name: str) -> str | NoUsableAccount | None:
    return PEOPLE.get(folded(name))


@pytest.mark.parametrize(
    "title",
    [
        "Dana Diaz",
        "dana diaz",
        "Diaz, Dana",
        "On Call - Dana Diaz - Primary",
        "On Call - Dana Diaz - Alpha",
        "On Call - Dana Diaz",
        "On-Call: Dana Diaz",
        "On call: Diaz, Dana",
        "OnCall \u2013 Dana Diaz",
        "On\u2011call \u2014 Dana Diaz",
        "Primary On-Call: Dana Diaz",
        "On-Call: Dana Diaz (Primary)",
        "[L1] Dana Diaz",
        "[L12] Dana Diaz",
        "L1: Dana Diaz",
        "L1 Dana Diaz",
        "Dana Diaz (Primary)",
        "Dana Diaz (Platform / primary)",
        "(Secondary) Dana Diaz",
        "Dana Diaz - Primary",
        "Dana Diaz on call",
        "[Layer 2] Dana Diaz is on call",
        "Dana Diaz - on-call shift",
        "Platform - Dana Diaz - Primary rotation (Escalation)",
        "Platform: Primary: Dana Diaz",
        "Dana Diaz | Infrastructure | Tier 2",
        "Dana Diaz \u00b7 Payments",
        "Dana Diaz <> Payments",
        "\U0001f4df On call: Dana Diaz!",
        "Dana Diaz / dana diaz",
        "Dana Diaz - Diaz, Dana",
        "On Call \u2013\u00a0Dana\u00a0Diaz \u2013 Primary",
    ],
)
async def test_the_one_name_of_a_title(title: str) -> None:
    """The one name in a title is found, whatever words are around it."""
    assert await whom(find, title) == Meant(("dana",))


@pytest.mark.parametrize(
    ("title", "accounts"),
    [
        ("On call: Dana Diaz / Sam Schmidt", ("dana", "sam")),
        ("Dana Diaz & Sam Schmidt (Primary)", ("dana", "sam")),
        ("Dana Diaz (Primary) / Sam Schmidt (Secondary)", ("dana", "sam")),
        ("Primary: Dana Diaz; Secondary: Sam Schmidt", ("dana", "sam")),
        ("[L1] Anna-Maria O\u2019Neil + Sam Schmidt", ("anna", "sam")),
        ("Dana Diaz / Gus Gone", ("dana",)),
        ("Dana Diaz / Stranger", ("dana",)),
        ("Dana Diaz (IT)", ("other dana",)),  # this is a whole name
    ],
)
async def test_a_list_of_names(title: str, accounts: tuple[str, ...]) -> None:
    """Several names in a list are found in order; a longer name is tried before its parts."""
    assert await whom(find, title) == Meant(accounts)


@pytest.mark.parametrize(
    "title",
    [
        "On Call - Dana Diaz - Sam Schmidt",
        "Dana Diaz (Sam Schmidt)",
        "Dana Diaz - Gus Gone",
        "Sam Schmidt (was: Dana Diaz)",
        "On Call - Dana Diaz - Network & Security",
        "Nina",
        "On Call - Nina - Primary",
        "Dana Diaz - Nina",
        "Gus Gone",
        "Gus Gone (Primary)",
        "Primary: Dana Diaz, Secondary: Sam Schmidt",
    ],
)
async def test_a_title_that_fits_several_people_means_nobody(title: str) -> None:
    """A title that may fit several people, or a person without a usable account, is unclear and names nobody."""
    assert await whom(find, title) == Meant(unclear=True)


@pytest.mark.parametrize(
    "title",
    [
        "On Call - Primary",
        "On Call - Somebody Else - Alpha",
        "Dana",
        "Diaz",
        "Dana Diaz 2",
        "On call: Dana Diaz\u0301",  # the accent makes another name
        "Dana Diaz\u0307 on call",
        "Dana Diaz-Schmidt",
        "Anna - Maria O'Neil",
        "for Dana Diaz",
        "Dana Diaz covers for Sam",
        "Backup of Dana Diaz",
        "Vacation: Dana Diaz",
        "Dana Diaz (sick)",
        "Dana Diaz - not on call",
        "Dana Diaz: day off",
        "Urlaub - Dana Diaz",
        "Cancelled: Dana Diaz",
        "CANCELED - Dana Diaz",
        "Abgesagt: Dana Diaz",
        "Dana Diaz - holiday",
        "Dana Diaz - parental leave",
        "Birthday: Dana Diaz",
        " / ".join(["Dana Diaz"] * 9),
        "- / -",
    ],
)
async def test_a_title_without_a_name_means_nobody(title: str) -> None:
    """A title without a known name names nobody, also if it has a part of a name or says that the person is away."""
    assert await whom(find, title) == Meant()
