"""The simulated tenant at its hardest: every knob at its hardest value, and random faults (weather).

The seed chooses between equally hard values. Set each new knob here, or give the reason for not setting it in
`LEFT_OUT`.
"""

from collections.abc import Mapping
from datetime import timedelta
from random import Random
from typing import Any

from simulator.tenant import Tenant
from simulator.weather import Weather

NEED_A_SECOND_FACTOR = ("dana", "cora", "sam", "ivan")
"""Approvers who need a second factor (Conditional Access) before their token is valid for Intune."""

LEFT_OUT: Mapping[str, str] = {
    "graph.extra_fields": "without them nothing says what is pending: there is no card to decide on, and no story",
    "graph.requires_approval": "it is a lie about one tenant's policies, not a way in which tenants differ",
    "graph.shown_status": "of single requests: a story sets it where it wants one",
    "graph.shown_policy_types": "of single requests: what nobody has heard of is decided in Intune alone",
    "graph.shown_fields": "of single requests: `odd_times` sets some of them",
    "graph.hidden_from_apps": "of single requests: a story hides one for a while",
    "teams.region": "a tenant moves once: a story says when",
    "entra.blocked": "whom Conditional Access keeps out decides nothing, so the story would not end",
    "entra.outages": "the weather has them",
    "entra.hold": "waits for an event; here time passes by itself",
    "entra.mistaken": "an attack, and no weather",
}
"""Knobs that are not set, each with its reason."""

ODD_TIMES = ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59.9999999-05:00", "2027-11-23T08:00:00.1234567Z")
"""Intune sends .NET's minimum (DeviceOffboardingManager#31) and maximum times, and times from clocks that are ahead."""


def graph_knobs(seed: int) -> dict[str, Any]:
    """Return the knobs of Intune and the directory for this seed."""
    dice = Random(f"graph {seed}")
    return {
        "profile": dice.choice(["observed", "docs-2026-05"]),
        "nested": True,
        "code_header": False,
        "identity_sets": dice.choice(["null", "app_only"]),
        "upn_key": dice.choice(["upn", "userPrincipalName"]),
        "filter_refused": True,
        "wrapped_status": dice.choice([True, False]),
        "page_size": 3,
        "directory_page": 2,
        "page_overlap": 1,
        "expiry": timedelta(hours=dice.choice([26, 72])),
        "visible_for": timedelta(days=4),
        "after_cancel": dice.choice(["cancelled", "needsApproval"]),
        "early_completion": dice.choice([403, 409]),
        "approver_check": "direct",
        "action_delay": timedelta(minutes=dice.choice([5, 100])),
        "action_outcome": dice.choice(["done", "done", "failed", "canceled"]),
        "lags": timedelta(minutes=dice.choice([0, 3, 12])),
        "assign_body": dice.choice([True, False]),
        "action_shown": dice.choice(["results", "results", "state", "nowhere"]),
        "leaves": dice.choice(["never", "at once", "when done"]),
        "comes_back": dice.choice([True, False]),
    }


def teams_knobs(seed: int) -> dict[str, Any]:
    """Return the knobs of Teams for this seed."""
    dice = Random(f"teams {seed}")
    return {"names_text_of_split": False, "refuses_targeted": dice.choice([400, 403])}


def entra_faults(site: Tenant) -> dict[str, Any]:
    """Return the faults of Entra."""
    return {"second_factor": {site.world.user(name).id for name in NEED_A_SECOND_FACTOR}}


def harshen(site: Tenant, seed: int) -> Weather:
    """Set every knob of the tenant and return its weather, which is still off."""
    weather = Weather(seed, site.clock)
    settings = (
        (site.graph.knobs, graph_knobs(seed)),
        (site.connector.knobs, teams_knobs(seed)),
        (site.entra.faults, entra_faults(site)),
    )
    for knobs, wanted in settings:
        for name, value in wanted.items():
            setattr(knobs, name, value)
    site.graph.weather, site.connector.weather = weather.over_graph, weather.over_teams
    site.entra.weather = weather.over_entra
    return weather


def odd_times(site: Tenant, request_id: str, dice: Random) -> None:
    """Make Intune show an invalid time for the last change of this request."""
    site.graph.knobs.shown_fields[request_id] = {"lastModifiedDateTime": dice.choice(ODD_TIMES)}
