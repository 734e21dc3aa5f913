"""Mail from one mailbox: one message with text and HTML, to one address, sent once."""

import pytest

from bot.graph.mail import GraphMail
from cards.letters import Letter
from handlers.ports.errors import Forbidden, NotFound, PortError, Throttled, Unavailable, Unsendable
from simulator.graph.faults import Fault, Kind
from simulator.graph.mail import Mail
from simulator.story import MAILBOX, WORKER
from tests.bot.graph.tenant import Tenant

DANA = "dana@company.onmicrosoft.com"
LETTER = Letter("Wipe PC-1", "Please decide.\n", "<p>Please decide.</p>\n")
SEND = "sendMail$"


@pytest.fixture
def mail(tenant: Tenant) -> GraphMail:
    return GraphMail(tenant.client, MAILBOX)


def sends(tenant: Tenant) -> int:
    return sum(call.path.endswith("sendMail") for call in tenant.graph.calls)


async def test_text_and_html_arrive_as_one_mail(tenant: Tenant, mail: GraphMail) -> None:
    """Text and HTML arrive complete in one mail from the mailbox."""
    await mail.send(DANA, LETTER)
    text, html = "Please decide.\r\n", "<p>Please decide.</p>\r\n"
    assert tenant.graph.outbox == [Mail(MAILBOX, (DANA,), "Wipe PC-1", text=text, html=html)]


async def test_other_scripts_and_long_lines_arrive_whole(tenant: Tenant, mail: GraphMail) -> None:
    """A long subject, long lines and letters of any script arrive unchanged."""
    subject, line = f"Löschen: {'端末 ' * 60}🔥", "ß" * 2000
    await mail.send(DANA, Letter(subject, f"{line}\n.\nFrom here\r\n", f"<p>{line}</p>"))
    [sent] = tenant.graph.outbox
    assert (sent.subject, sent.text, sent.html) == (subject, f"{line}\r\n.\r\nFrom here\r\n", f"<p>{line}</p>")


@pytest.mark.parametrize("between", ["\r\n", "\n", "\r", "\r\n ", "\x0b", "\x0c", "\x85", "\u2028"])
async def test_a_line_break_in_the_subject_begins_no_header(tenant: Tenant, mail: GraphMail, between: str) -> None:
    """A line break in the subject cannot add a header to the mail."""
    await mail.send(DANA, Letter(f"Wipe{between}Bcc: eve@evil.example", "text", "<p>"))
    [sent] = tenant.graph.outbox
    assert (sent.to, sent.subject) == ((DANA,), "Wipe Bcc: eve@evil.example")


@pytest.mark.parametrize(
    "address",
    [
        "",
        " ",
        "dana",
        "dana@",
        "@x.example",
        f"{DANA}\r\nBcc: eve@evil.example",
        f"{DANA}\n",
        f"{DANA}, eve@evil.example",
        f"{DANA}; eve@evil.example",
        f"all: {DANA}, eve@evil.example;",
        f"Eve <eve@evil.example> {DANA}",
        f'"{DANA}" <eve@evil.example>',
        f"{DANA}@evil.example",
        f"{DANA}\x00",
        "dänä@x.example",
        "\ud800@x.example",
    ],
)
async def test_what_is_not_one_address_is_written_to_nobody(tenant: Tenant, mail: GraphMail, address: str) -> None:
    """A text that is not exactly one address is refused as recipient and as sender, and nothing is sent."""
    with pytest.raises(Unsendable):
        await mail.send(address, LETTER)
    with pytest.raises(Unsendable):
        await GraphMail(tenant.client, address).send(DANA, LETTER)
    assert sends(tenant) == 0


@pytest.mark.parametrize("address", ["o'neil+it@x-y.example", "rita_x.example#EXT#@company.onmicrosoft.com"])
async def test_odd_addresses_are_addresses(tenant: Tenant, mail: GraphMail, address: str) -> None:
    """Addresses with apostrophes, tags or the names of guests are accepted."""
    await mail.send(address, LETTER)
    assert tenant.graph.outbox[0].to == (address,)


@pytest.mark.parametrize("letter", [Letter("\ud800", "t", "h"), Letter("s", "\ud800", "h"), Letter("s", "t", "\ud800")])
async def test_half_a_character_cannot_be_sent(tenant: Tenant, mail: GraphMail, letter: Letter) -> None:
    """A mail with half of a surrogate pair raises `Unsendable`."""
    with pytest.raises(Unsendable):
        await mail.send(DANA, letter)
    assert sends(tenant) == 0


@pytest.mark.parametrize(
    ("kind", "error", "sent"),
    [
        (Kind.THROTTLED_SILENTLY, Throttled, 0),
        (Kind.UNAVAILABLE, Unavailable, 0),
        (Kind.LOST_REQUEST, Unavailable, 0),
        (Kind.LOST_ANSWER, Unavailable, 1),
        (Kind.TIMEOUT_AFTER, Unavailable, 1),
    ],
)
async def test_a_failure_is_not_repeated(
    tenant: Tenant, mail: GraphMail, kind: Kind, error: type[PortError], sent: int
) -> None:
    """A mail that failed is not sent again here, because it may have been sent; the caller decides."""
    tenant.graph.faults.append(Fault(kind, SEND, times=9))
    with pytest.raises(error):
        await mail.send(DANA, LETTER)
    assert len(tenant.graph.outbox) == sent
    assert sends(tenant) == 1


async def test_how_long_to_wait_is_passed_on(tenant: Tenant, mail: GraphMail) -> None:
    """The wait that Graph asks for is passed on to the caller."""
    tenant.graph.faults.append(Fault(Kind.THROTTLED, SEND, retry_after=17))
    with pytest.raises(Throttled) as told:
        await mail.send(DANA, LETTER)
    assert told.value.retry_after == 17


async def test_a_challenged_token_is_renewed(tenant: Tenant, mail: GraphMail) -> None:
    """After a challenge the mail is sent once more with a new token, because Graph has sent nothing."""
    tenant.graph.faults.append(Fault(Kind.CHALLENGED, SEND))
    await mail.send(DANA, LETTER)
    assert len(tenant.graph.outbox) == 1


async def test_without_the_permission_nothing_is_sent(tenant: Tenant, mail: GraphMail) -> None:
    """Without the permission to send, `Forbidden` is raised."""
    tenant.world.application(WORKER).roles.discard("Mail.Send")
    with pytest.raises(Forbidden):
        await mail.send(DANA, LETTER)


@pytest.mark.parametrize("mailbox", ["nobody@company.onmicrosoft.com", "ritaadmin@company.onmicrosoft.com"])
async def test_there_must_be_a_mailbox(tenant: Tenant, mailbox: str) -> None:
    """A sender without an account or without a mailbox raises `NotFound`."""
    with pytest.raises(NotFound):
        await GraphMail(tenant.client, mailbox).send(DANA, LETTER)


async def test_the_mailbox_of_an_account(tenant: Tenant, mail: GraphMail) -> None:
    """The mail address of an account is found by object id; an account that is disabled, unknown or without mailbox has
    none."""
    found = {name: await mail.address_of(tenant.person(name).id) for name in ("dana", "ritaadmin", "dora")}
    assert found == {"dana": DANA, "ritaadmin": None, "dora": None}
    assert await mail.address_of("00000000-0000-4000-8000-000000000000") is None


@pytest.mark.parametrize("account", ["", "  ", "?$filter=x", "#"])
async def test_no_other_question_can_be_smuggled_in(tenant: Tenant, mail: GraphMail, account: str) -> None:
    """An account id cannot add another query to the call."""
    assert await mail.address_of(account) is None
