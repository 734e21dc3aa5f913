"""The settings of the emergency process, their errors, and the rule that the bot never holds its credential."""

import json

import pytest

from bot.config.environment import SettingsError
from bot.emergency.settings import PREFIX, ProcessSettings, refuse_emergency_credential
from tests.bot.emergency.conftest import settings_of

GUID = "2ec25163-efa4-577d-be2b-128444a98a7d"
ENOUGH = {
    "TENANT_ID": GUID,
    "ACTOR_APP_ID": GUID,
    "ACTOR_SECRET": "the-process-own-word",
    "BOT_APP_ID": GUID,
    "SIGN_IN_APP_ID": GUID,
    "ALLOWED": json.dumps([GUID]),
    "LEDGER": "/var/lib/countersign/ledger.jsonl",
}


def reading(**differences: str | None) -> ProcessSettings:
    """Return the settings of a sufficient environment with these differences (`None`: not set)."""
    wanted = ENOUGH | differences
    return settings_of({PREFIX + name: value for name, value in wanted.items() if value is not None})


def test_enough_is_little() -> None:
    """By default the process uses the global cloud, allows three calls a day, and listens on this host only."""
    found = reading()
    assert (found.most_per_day, found.host, found.tls_file) == (3, "127.0.0.1", None)
    assert found.authority_url == f"https://login.microsoftonline.com/{GUID}"
    assert found.graph_url == "https://graph.microsoft.com"
    assert found.actor.credential().secret == "the-process-own-word"
    assert "the-process-own-word" not in repr(found)


def test_ids_in_capitals() -> None:
    """Object ids may be written in capital letters."""
    assert reading(ALLOWED=json.dumps([GUID.upper()])).allowed == {GUID}


MISTAKES = [
    ({"ALLOWED": None}, "ALLOWED: this is missing"),
    ({"ALLOWED": "[]"}, "ALLOWED: this is empty"),
    ({"ALLOWED": GUID}, "ALLOWED: this must be a JSON list of object ids"),
    ({"ALLOWED": "{}"}, "ALLOWED: this must be a JSON list of object ids"),
    ({"ALLOWED": '["ivan@company.example"]'}, "ALLOWED: this has the wrong format"),
    ({"ALLOWED": "[7]"}, "ALLOWED: this must be a string"),
    ({"MOST_PER_DAY": "0"}, "MOST_PER_DAY: this must be at least 1"),
    ({"MOST_PER_DAY": "21"}, "MOST_PER_DAY: this must be at most 20"),
    ({"MOST_PER_DAY": "many"}, "MOST_PER_DAY: this must be a whole number"),
    ({"TENANT_ID": "contoso"}, "TENANT_ID: this has the wrong format"),
    ({"LEDGER": None}, "LEDGER: this is missing"),
    ({"BOT_APP_ID": None}, "BOT_APP_ID: this is missing"),
    ({"GRAPH": "http://localhost"}, "GRAPH: this must be an https origin"),
    ({"PORT": "65536"}, "PORT: this must be at most 65535"),
    ({"TLS_FILE": "/nowhere.pem"}, "TLS_FILE: there is no file /nowhere.pem"),
    ({"ACTOR_APP_ID": None}, "ACTOR_APP_ID: this is missing"),
    ({"ACTOR_SECRET": None}, "ACTOR: set exactly one of COUNTERSIGN_EMERGENCY_ACTOR_SECRET, "),
    ({"ACTOR_MANAGED_IDENTITY": GUID}, "ACTOR: set exactly one of COUNTERSIGN_EMERGENCY_ACTOR_SECRET, "),
    (
        {"ACTOR_APP_ID": None, "ACTOR_SECRET": None},
        "ACTOR_APP_ID: this is missing; set it and one of COUNTERSIGN_EMERGENCY",
    ),
    ({"ACTOR": "nonsense"}, "ACTOR: this is not valid JSON"),
]


@pytest.mark.parametrize(("differences", "sentence"), MISTAKES, ids=lambda value: str(value)[:40])
def test_a_mistake(differences: dict[str, str | None], sentence: str) -> None:
    """A mistake gives one sentence that begins with the variable's name and shows no secret."""
    with pytest.raises(SettingsError) as raised:
        reading(**differences)
    [said] = raised.value.mistakes
    assert said.startswith(PREFIX + sentence)
    assert "{" not in said
    assert "the-process-own-word" not in said


def test_every_mistake_at_once() -> None:
    """All mistakes are reported at once."""
    with pytest.raises(SettingsError) as raised:
        reading(TENANT_ID=None, LEDGER=None, MOST_PER_DAY="0")
    assert len(raised.value.mistakes) == 3


@pytest.mark.parametrize("name", ["ACTOR_APP_ID", "ACTOR_SECRET", "ACTOR_CERTIFICATE", "ACTOR", "actor_secret"])
def test_the_bot_must_not_hold_it(name: str) -> None:
    """The bot refuses the credential of the process in every form and casing; the error names the variable and hides
    its value."""
    said = refuse_emergency_credential({"PATH": "/bin", PREFIX + name: "the-process-own-word"})
    assert said is not None
    assert said.startswith(PREFIX + name)
    assert "the-process-own-word" not in said
    assert refuse_emergency_credential({PREFIX.lower() + name: "x"}) is not None


def test_what_the_bot_may_hold() -> None:
    """The bot may hold the credential of its own actor, and the address of the process."""
    assert refuse_emergency_credential({"COUNTERSIGN_ACTOR_SECRET": "x", "COUNTERSIGN_EMERGENCY_URL": "x"}) is None
    assert refuse_emergency_credential({"COUNTERSIGN_EMERGENCY_ACTORS": "x"}) is None
