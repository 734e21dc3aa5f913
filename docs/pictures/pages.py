"""Web pages for people without Teams."""

from dataclasses import dataclass

from approvals.order import Act
from bot.signin import html
from bot.signin.break_glass_page import fields
from bot.signin.html import HtmlPage
from handlers.emergency_page.lobby import ACTS, Lobby, Waiting


@dataclass(frozen=True, slots=True)
class Web:
    """One page; `width` is that of the window, in pixels."""

    name: str
    html: str
    width: int = 640


LOBBY = Lobby(
    waiting=(
        Waiting(
            "01K9Z3M8QW2T7RDA", "Waiting for approval: Wipe PC-1, requested by Rita Rossi (0 of 1 approval)", "0" * 12
        ),
    ),
    custodians=(("1", "Marc Meyer"), ("2", "Ivan Ilic")),
    acts=ACTS,
    ticket=False,
)

DEED = HtmlPage(
    200,
    "Wipe PC-1",
    "The device is reset to factory settings. Apps, settings and everything that is stored only on it are lost, and it "
    "has to be set up anew.",
    "Sign in and break the glass",
)

WHY = "The director's laptop was stolen at the airport an hour ago, it is unlocked and online"

BEGIN = HtmlPage(200, "Break glass", "Everybody who could have decided hears of it, and somebody else reviews it.")
TROUBLE = HtmlPage(400, "Nothing was done", 'There is no device "PC-11". Nothing was asked for.')
TYPED = {"act": Act.WIPE, "device": "PC-11", "why": WHY, "request": "", "acting": "2"}
FACTS = (("Serial number", "SN-1001"), ("Primary user", "otto@company.onmicrosoft.com"))

PAGES = (
    Web("door", html.form(BEGIN, fields(LOBBY, "-", {})).text or ""),
    Web("door-trouble-phone", html.form(TROUBLE, fields(LOBBY, "-", TYPED)).text or "", width=360),
    Web("door-deed", html.response(DEED, "#", FACTS).text or ""),
)
