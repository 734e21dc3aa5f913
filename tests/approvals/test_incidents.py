"""Incidents, and how the same effect is recognised."""

from datetime import timedelta

from approvals.effects import Alarm, CallOutIncident, Climb, NotificationKind, Planned, SayIncident, effect_id, told
from approvals.incident import Concern, Incident
from tests.approvals.builders import NOW


def test_an_incident_has_an_id_of_its_moment() -> None:
    """The id of an incident is made of its time; its end and the next incident have other ids."""
    one = Incident.at_once(Concern.POLLING, "Intune does not answer.", NOW)
    over = Incident.at_once(Concern.POLLING, "Intune answers again.", NOW, over=True)
    later = Incident.at_once(Concern.POLLING, "Intune does not answer.", NOW + timedelta(milliseconds=1))

    assert one == Incident("polling-1795420800000", Concern.POLLING, "Intune does not answer.", NOW)
    assert over == Incident("polling-over-1795420800000", Concern.POLLING, "Intune answers again.", NOW, over=True)
    assert later.id == "polling-1795420800001"


def test_it_is_told_in_both_ways() -> None:
    """An incident is told in Teams and outside, by one effect each."""
    one = Incident("i", Concern.STORE, "It was reset.", NOW)
    assert told(one) == (Planned(SayIncident(one)), Planned(CallOutIncident(one)))


def test_the_same_work_has_the_same_id() -> None:
    """An effect is identified by its kind and its values; the effect of an incident by the incident's id."""
    assert effect_id(Alarm("R1", NotificationKind.FAILED)) == "Alarm:R1:failed"
    assert effect_id(Climb("R1", 2)) == "Climb:R1:2"
    assert effect_id(SayIncident(Incident("i", Concern.STORE, "It was reset.", NOW))) == "SayIncident:i"
