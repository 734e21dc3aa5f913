"""The address at which Teams wants to be answered changes for a tenant, not for one conversation."""

from dataclasses import replace

from approvals.effects import PostCards
from cards.actions import Verb
from handlers.incoming.clicks import Scope
from handlers.ports.teams import ChannelReference, PersonalReference
from tests.approvals.builders import ALEX
from tests.handlers.clicking import click
from tests.handlers.stage import APPROVALS, OPERATIONS, Stage

OLD, NEW = "https://smba.example/amer/", "https://smba.example/emea/"


async def test_one_click_moves_every_conversation() -> None:
    """A click in one channel moves all that had the old address, and what waits for the others is planned."""
    stage = Stage()
    request = await stage.taken_up()
    stage.forget_planned()
    known = [
        ChannelReference(APPROVALS, OLD),
        ChannelReference(OPERATIONS, OLD),
        ChannelReference("19:x", "https://y/"),
    ]
    for reference in known:
        await stage.store.conversations.save_channel(reference)
    await stage.store.conversations.save_person(PersonalReference("rita", "29:rita", OLD, "a:rita"))

    clicked = click(ALEX, Verb.DETAILS, request, conversation=OPERATIONS, service_url=NEW)
    for _ in range(2):
        await stage.journeys.addresses.keep(clicked)

    found = [await stage.store.conversations.channel(one.channel) for one in known]
    assert found == [replace(known[0], service_url=NEW), replace(known[1], service_url=NEW), known[2]]
    rita = await stage.store.conversations.person("rita")
    assert rita is not None
    assert rita.service_url == NEW
    assert stage.planned(PostCards) == [PostCards(request.id)]


async def test_a_click_in_a_chat_moves_the_channels() -> None:
    """A click in a 1:1 chat that has moved moves the channels as well."""
    stage = Stage()
    request = await stage.taken_up()
    await stage.store.conversations.save_channel(ChannelReference(APPROVALS, OLD))
    await stage.store.conversations.save_person(PersonalReference("alex", "29:alex", OLD, "a:alex"))

    clicked = click(ALEX, Verb.DETAILS, request, scope=Scope.PERSONAL, conversation="a:alex", service_url=NEW)
    await stage.journeys.addresses.keep(clicked)

    assert await stage.store.conversations.channel(APPROVALS) == ChannelReference(APPROVALS, NEW)
