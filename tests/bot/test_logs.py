"""The log: one JSON line per event, and no secrets in it."""

import io
import json
import logging
import re
import string
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msal  # type: ignore[import-untyped]  # it has no types
import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from bot import logs

TOKEN = "eyJhbGciOiJSUzI1NiJ9.eyJvaWQiOiJzb21lYm9keSJ9.c2lnbmF0dXJlLW9mLWVudHJh"
SECRET = "hush-hush"
ROOT = Path(__file__).parent.parent.parent

Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def lines() -> Iterator[Lines]:
    """Set up logging as in a container, yield a function that reads the lines, and undo it afterwards."""
    root, structlogs = logging.getLogger(), structlog.get_config()
    handlers, level = root.handlers, root.level
    out = io.StringIO()
    with redirect_stdout(out):
        logs.configure("INFO", to_terminal=False)
        yield lambda: [json.loads(line) for line in out.getvalue().splitlines()]
    structlog.configure(**structlogs)
    root.handlers, root.level = handlers, level
    root.manager._clear_cache()  # type: ignore[attr-defined]  # the level is remembered per logger


@pytest.mark.parametrize(
    "event",
    [
        {"token": SECRET},
        {"access_token": SECRET},
        {"client_secret": SECRET},
        {"Authorization": f"Bearer {SECRET}"},
        {"assertion": SECRET},
        {"client_assertion": SECRET},
        {"code": SECRET},
        {"code_verifier": SECRET},
        {"session_key": SECRET},
        {"cookie": SECRET},
        {"password": SECRET},
        {"request": {"headers": {"Authorization": SECRET}}},
        {"calls": [{"body": {"refresh_token": SECRET}}]},
        {"calls": ({"user_assertion": SECRET},)},
        {"header": f"Bearer {SECRET}"},
        {"said": f"the header was Bearer {SECRET}."},
        {"url": f"https://a.example/signin/callback?code={SECRET}&x=1"},
        {"url": f"https://a.example/signin/callback?x=1&state={SECRET}"},
        {"redis": f"redis://:{SECRET}@redis:6379/0"},
        {"redis": f"at rediss+sentinel://bot:a/{SECRET}#b@c?x@redis:6379/0"},
        {"redis": f"redis://{SECRET}"},
        {"redis": f"unix://bot:a/{SECRET}@/run/redis.sock"},
        {"redis": f"ssl_password={SECRET}"},
        {"passphrase": SECRET},
        {"redis": f"rediss+sentinel://bot:{SECRET}@a:1,b:2/master"},
        {"body": f"grant_type=client_credentials&client_secret={SECRET}&scope=x"},
        {"body": json.dumps({"assertion": SECRET, "scope": "x"})},
    ],
)
def test_secrets_are_blanked_out_at_any_depth(lines: Lines, event: dict[str, Any]) -> None:
    """Secrets are removed by the name of their key or by the form of the text, at any depth, and the event stays."""
    structlog.get_logger("test").warning("something_happened", **event)

    [line] = lines()
    assert line["event"] == "something_happened"
    assert SECRET not in json.dumps(line)
    assert "[redacted]" in json.dumps(line)


@pytest.mark.parametrize("where", [{"text": f"got {TOKEN}!"}, {"deep": [{"er": (TOKEN,)}]}, {"key": TOKEN.encode()}])
def test_what_looks_like_a_token_is_one(lines: Lines, where: dict[str, Any]) -> None:
    """A text that looks like a token is removed under any name."""
    structlog.get_logger("test").info("something_happened", **where)

    assert "eyJ" not in json.dumps(lines())


TOKEN68 = string.ascii_letters + string.digits + "-._~+/"


@given(
    st.one_of(
        st.text(TOKEN68, min_size=16).map(lambda token: f"{token}=="),
        st.text(TOKEN68, min_size=16),
        st.tuples(st.text(TOKEN68), st.sampled_from("0123456789-_~+/"), st.text(TOKEN68, min_size=1)).map("".join),
    ),
    st.sampled_from(["Bearer {}", "bearer  {}", "sent BEARER {}.", '"header": "Bearer {}"', "Bearer {}\nnext"]),
)
def test_no_bearer_token_gets_through(token: str, said: str) -> None:
    """Every bearer token that RFC 6750 allows is removed, anywhere in a text."""
    [text] = logs.redact(None, "", {"said": said.format(token)}).values()

    before, _, after = said.partition("{}")
    assert text.startswith(f"{before}[redacted]")
    assert text.removeprefix(f"{before}[redacted]") in (after, after.lstrip('".'))


@pytest.mark.parametrize(
    "said",
    [
        "a bearer token is needed",
        "Without a bearer token nobody comes in.",
        'the scheme is "Bearer authentication".',
        "(Bearer tokens)",
        "bearer",
    ],
)
def test_our_own_words_stay(said: str) -> None:
    """A sentence that only mentions tokens stays unchanged."""
    assert logs.redact(None, "", {"said": said}) == {"said": said}


def test_what_is_no_secret_stays(lines: Lines) -> None:
    """Ids, names and status codes stay in the log."""
    told = {
        "request": "01J",
        "person": "oid-1",
        "status_code": 412,
        "error_codes": [65001],
        "url": "https://a.example/x",
    }

    structlog.get_logger("test").info("something_happened", **told)

    [line] = lines()
    assert told.items() <= line.items()


def test_an_event_is_one_json_line(lines: Lines) -> None:
    """An event is one JSON line with its name, its level and its time in UTC."""
    structlog.get_logger("test").error("alarm", text="two\nlines", by="Zoë")

    [line] = lines()
    assert (line["event"], line["level"], line["text"], line["by"]) == ("alarm", "error", "two\nlines", "Zoë")
    assert line["timestamp"].endswith("Z")


def test_an_exception_is_in_its_line_without_its_secrets(lines: Lines) -> None:
    """A traceback is part of its line, without secrets."""
    try:
        raise RuntimeError(f"refused: Bearer {SECRET}")
    except RuntimeError:
        structlog.get_logger("test").exception("click_failed")

    [line] = lines()
    assert "RuntimeError" in line["exception"]
    assert SECRET not in line["exception"]


def test_what_libraries_log_goes_the_same_way(lines: Lines) -> None:
    """Logs of libraries are written in the same way, without secrets, from the level of a warning up."""
    library = logging.getLogger("some.library")
    library.info("chatter")
    library.warning("sending %s", f"Bearer {SECRET}")
    try:
        raise ValueError(TOKEN)
    except ValueError:
        library.exception("failed")

    warned, failed = lines()
    assert (warned["event"], warned["level"]) == ("sending Bearer [redacted]", "warning")
    assert failed["level"] == "error"
    assert "ValueError" in failed["exception"]
    assert "eyJ" not in json.dumps(failed)


def test_a_level_that_a_library_has_raised_is_not_heard_at_debug(lines: Lines) -> None:
    """At the level DEBUG, libraries are still logged from a warning up only, because some of them log whole requests
    below that."""
    logs.configure("DEBUG", to_terminal=False)

    logging.getLogger("msal.oauth2cli.oauth2").debug("request body: %s", SECRET)
    logging.getLogger("aiohttp.client").info("headers: %s", SECRET)

    assert lines() == []


@dataclass
class NoEntra:
    """An HTTP client for msal with a fake of Entra that answers every request for a token with this text."""

    answer: str

    def get(self, url: str, **_options: object) -> "Answer":
        base = "https://login.example/tenant"
        known = {"authorization_endpoint": f"{base}/a", "token_endpoint": f"{base}/t", "issuer": base}
        return Answer(200, json.dumps(known))

    def post(self, url: str, **_options: object) -> "Answer":
        return Answer(400, self.answer)

    def close(self) -> None:
        """Do nothing."""


@dataclass
class Answer:
    """An answer in the form of `requests`."""

    status_code: int
    text: str
    headers: dict[str, str] = field(default_factory=dict)

    def raise_for_status(self) -> None:
        assert self.status_code < 400


@pytest.mark.parametrize("name", ["msal", "msal.oauth2cli.oauth2", "msal.application", "msal.token_cache"])
@pytest.mark.parametrize(
    "answer",
    [
        json.dumps({"error": "invalid_client", "error_description": f"wrong: {TOKEN}"}),
        json.dumps({"access_token": SECRET, "refresh_token": SECRET, "token_type": "Bearer", "expires_in": 3600}),
        json.dumps({"access_token": SECRET})[:-4],
        f"<html>{SECRET}</html>",
        SECRET,
    ],
)
def test_msal_can_put_no_secret_into_the_log(lines: Lines, name: str, answer: str) -> None:
    """No secret from msal gets into the log, whatever Entra answers and whatever the level of msal's loggers is."""
    logs.configure("DEBUG", to_terminal=False)
    logger = logging.getLogger(name)
    logger.setLevel(logging.DEBUG)
    flow = {"state": "-", "scope": ["s"], "redirect_uri": "https://a.example", "code_verifier": SECRET, "nonce": "n"}
    try:
        app = msal.ConfidentialClientApplication(
            "app",
            client_credential=SECRET,
            authority="https://login.example/tenant",
            http_client=NoEntra(answer),
            instance_discovery=False,
        )
        asks: tuple[Callable[[], object], ...] = (
            lambda: app.acquire_token_for_client(["scope/.default"]),
            lambda: app.acquire_token_on_behalf_of(TOKEN, ["scope"]),
            lambda: app.acquire_token_by_auth_code_flow(flow, {"state": "-", "code": SECRET}),
        )
        for ask in asks:
            with suppress(ValueError, RuntimeError):
                ask()
    finally:
        logger.setLevel(logging.NOTSET)

    told = json.dumps(lines())
    assert SECRET not in told
    assert TOKEN not in told


def test_every_event_of_the_documentation_is_logged() -> None:
    """Every event that docs/operations.md lists exists in the code."""
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    table = page.partition("| event | means | do |")[2].partition("\n\n")[0]
    told = {name for row in table.splitlines()[2:] for name in re.findall(r"`([a-z_]+)`", row.split("|")[1])}
    source = "".join(
        file.read_text(encoding="utf-8") for room in ("bot", "handlers") for file in (ROOT / room).rglob("*.py")
    )

    assert len(told) > 10
    assert {name for name in told if f'"{name}"' not in source} == set()


@pytest.mark.timeout(60)
@pytest.mark.parametrize("text", ["://" + ":" * 200_000, "eyJ" * 60_000, "Bearer " * 30_000, "'token" * 30_000])
def test_a_hostile_text_costs_no_more_than_its_length(text: str) -> None:
    """Removing secrets takes linear time for any text, because other people write parts of it."""
    assert logs.redact(None, "info", {"error": text})["error"]
