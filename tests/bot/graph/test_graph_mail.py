"""Mail from one mailbox: one message of two parts, to one address, sent once."""

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
    """From the mailbox, to the address, whole on both sides."""
    await mail.send(DANA, LETTER)
    text, html = "Please decide.\r\n", "<p>Please decide.</p>\r\n"
    assert tenant.graph.outbox == [Mail(MAILBOX, (DANA,), "Wipe PC-1", text=text, html=html)]


async def test_other_scripts_and_long_lines_arrive_whole(tenant: Tenant, mail: GraphMail) -> None:
    """A subject longer than a header's line, and lines longer than mail may carry, in letters of any script."""
    subject, line = f"Löschen: {'端末 ' * 60}🔥", "ß" * 2000
    await mail.send(DANA, Letter(subject, f"{line}\n.\nFrom here\r\n", f"<p>{line}</p>"))
    [sent] = tenant.graph.outbox
    assert (sent.subject, sent.text, sent.html) == (subject, f"{line}\r\n.\r\nFrom here\r\n", f"<p>{line}</p>")


@pytest.mark.parametrize("between", ["\r\n", "\n", "\r", "\r\n ", "\x0b", "\x0c", "\x85", "\u2028"])
async def test_a_line_break_in_the_subject_begins_no_header(tenant: Tenant, mail: GraphMail, between: str) -> None:
    """What stands behind it stays in the subject, and the mail goes where it should."""
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
    """Neither as the recipient nor as the sender; nothing is sent."""
    with pytest.raises(Unsendable):
        await mail.send(address, LETTER)
    with pytest.raises(Unsendable):
        await GraphMail(tenant.client, address).send(DANA, LETTER)
    assert sends(tenant) == 0


@pytest.mark.parametrize("address", ["o'neil+it@x-y.example", "rita_x.example#EXT#@company.onmicrosoft.com"])
async def test_odd_addresses_are_addresses(tenant: Tenant, mail: GraphMail, address: str) -> None:
    """Apostrophes, tags, and the names that Entra gives to guests."""
    await mail.send(address, LETTER)
    assert tenant.graph.outbox[0].to == (address,)


@pytest.mark.parametrize("letter", [Letter("\ud800", "t", "h"), Letter("s", "\ud800", "h"), Letter("s", "t", "\ud800")])
async def test_half_a_character_cannot_be_sent(tenant: Tenant, mail: GraphMail, letter: Letter) -> None:
    """JSON can hold one, no mail can: that is told in the ports' words."""
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
    """Whether it was sent may be unknown, so whoever called decides."""
    tenant.graph.faults.append(Fault(kind, SEND, times=9))
    with pytest.raises(error):
        await mail.send(DANA, LETTER)
    assert len(tenant.graph.outbox) == sent
    assert sends(tenant) == 1


async def test_how_long_to_wait_is_passed_on(tenant: Tenant, mail: GraphMail) -> None:
    """In seconds, as Graph says it."""
    tenant.graph.faults.append(Fault(Kind.THROTTLED, SEND, retry_after=17))
    with pytest.raises(Throttled) as told:
        await mail.send(DANA, LETTER)
    assert told.value.retry_after == 17


async def test_a_challenged_token_is_renewed(tenant: Tenant, mail: GraphMail) -> None:
    """Graph has done nothing then, so it is sent with a new one, and once."""
    tenant.graph.faults.append(Fault(Kind.CHALLENGED, SEND))
    await mail.send(DANA, LETTER)
    assert len(tenant.graph.outbox) == 1


async def test_without_the_permission_nothing_is_sent(tenant: Tenant, mail: GraphMail) -> None:
    """And the caller is told that it is forbidden."""
    tenant.world.application(WORKER).roles.discard("Mail.Send")
    with pytest.raises(Forbidden):
        await mail.send(DANA, LETTER)


@pytest.mark.parametrize("mailbox", ["nobody@company.onmicrosoft.com", "ritaadmin@company.onmicrosoft.com"])
async def test_there_must_be_a_mailbox(tenant: Tenant, mailbox: str) -> None:
    """No account, or one without mail."""
    with pytest.raises(NotFound):
        await GraphMail(tenant.client, mailbox).send(DANA, LETTER)


async def test_the_mailbox_of_an_account(tenant: Tenant, mail: GraphMail) -> None:
    """By object id; admin accounts often have none, and who is disabled or unknown is written to by nobody."""
    found = {name: await mail.address_of(tenant.person(name).id) for name in ("dana", "ritaadmin", "dora")}
    assert found == {"dana": DANA, "ritaadmin": None, "dora": None}
    assert await mail.address_of("00000000-0000-4000-8000-000000000000") is None


@pytest.mark.parametrize("account", ["", "  ", "?$filter=x", "#"])
async def test_no_other_question_can_be_smuggled_in(tenant: Tenant, mail: GraphMail, account: str) -> None:
    """An id is an id, whatever it looks like."""
    assert await mail.address_of(account) is None
