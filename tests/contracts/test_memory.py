"""`Memory`, `Drafts` and `Conversations`: what was stored last is read back."""

from dataclasses import replace
from datetime import timedelta

from approvals.access_policies import AccessPolicy, WatchedPolicies
from approvals.asking import Draft
from approvals.break_glass import Prompt
from approvals.causes import ManyByAll
from approvals.coverage import TooFewAvailable, TooFewPeople
from approvals.order import Act, Option
from approvals.people import Person
from handlers.ports.emergency import LedgerMark
from handlers.ports.memory import Delegation
from handlers.ports.teams import ChannelReference, PersonalReference
from tests.approvals.builders import NOW
from tests.bot.store.driven import NEW
from tests.contracts.stores import Store

RITA = Person("rita", "Rita Rossi", frozenset({"rita", "adm-rita"}))
HERE = ChannelReference("19:cab", "https://smba.example/emea", "19:team", "Change board")
ALEX = PersonalReference("alex", "29:alex", "https://smba.example/emea", "a:alex")


async def test_a_later_delegation_takes_an_earlier_one_s_place(store: Store) -> None:
    """A later delegation of a person replaces the earlier one; the delegations of others stay."""
    first = Delegation("alex", "cora", NOW, NOW + timedelta(days=1))
    later, other = replace(first, delegate="dana"), replace(first, away="sam")
    for one in (first, other, later):
        await store.memory.delegate(one)

    assert set(await store.memory.delegations()) == {later, other}


async def test_who_refuses_private_answers(store: Store) -> None:
    """For each place, the last time at which Teams refused a private answer is kept until it is forgotten."""
    before = await store.memory.private_refused()
    for where, at in (("19:a", NOW), ("19:b", NOW), ("19:a", NOW + timedelta(hours=2))):
        await store.memory.save_private_refused(where, at)
    refused = await store.memory.private_refused()
    await store.memory.forget_private_refused()

    assert (before, await store.memory.private_refused()) == ({}, {})
    assert refused == {"19:a": NOW + timedelta(hours=2), "19:b": NOW}


async def test_the_gaps_are_those_of_the_last_time(store: Store) -> None:
    """The stored gaps are those of the last save; before it there are none."""
    before, nobody = await store.memory.gaps(), TooFewPeople(1, 0)
    await store.memory.save_gaps({"Device wipe": nobody, "Role change": TooFewAvailable(1, 2, NOW)})
    await store.memory.save_gaps({"Device wipe": nobody})

    assert before == {}
    assert await store.memory.gaps() == {"Device wipe": nobody}


async def test_the_access_policies_are_those_of_the_last_comparison(store: Store) -> None:
    """The stored access policies are those of the last save; before it there are none."""
    before = await store.memory.watched_policies()
    policy = AccessPolicy("p1", "Device wipe", "deviceWipe", "notApplicable", frozenset({"g1", "g2"}), "Monday")
    last = WatchedPolicies(
        (policy,), NOW, NOW, frozenset({"script"}), frozenset({"devicewipe"}), frozenset({"devicewipe"})
    )
    await store.memory.save_watched_policies(WatchedPolicies((), NOW, NOW))
    await store.memory.save_watched_policies(last)
    read = await store.memory.watched_policies()

    assert before is None
    assert read == last
    assert [one.modified for one in read.policies] == ["Monday"]


async def test_the_ledger_s_mark_is_the_last_one(store: Store) -> None:
    """The ledger's mark is the last one that was saved; before it there is none."""
    before = await store.memory.ledger()
    await store.memory.save_ledger(LedgerMark("0123456789abcdef", 1))
    await store.memory.save_ledger(LedgerMark("0123456789abcdef", 2))

    assert before is None
    assert await store.memory.ledger() == LedgerMark("0123456789abcdef", 2)


async def test_a_draft_comes_back_as_it_was(store: Store) -> None:
    """A draft is read back as it was last saved; an unknown id gives None."""
    options = frozenset({Option.PROTECTED})
    draft = Draft("D1", RITA, Act.WIPE, "PC-1", NOW, options=options, subject=NEW.subject, stricter=ManyByAll(4))
    await store.drafts.save(replace(draft, subject=None))
    await store.drafts.save(draft)

    assert await store.drafts.load("D1") == draft
    assert await store.drafts.load("D2") is None


async def test_drafts_and_prompts_are_kept_apart(store: Store) -> None:
    """Drafts and prompts are kept apart, even under the same id."""
    draft, prompt = Draft("1", RITA, Act.WIPE, "PC-1", NOW), Prompt("1", "R1", RITA, NOW)
    await store.drafts.save(draft)
    await store.prompts.save(prompt)

    assert (await store.drafts.load("1"), await store.prompts.load("1")) == (draft, prompt)


async def test_channels_are_remembered_and_forgotten(store: Store) -> None:
    """Channels are stored, and forgotten one by one or with their team."""
    ops, elsewhere = replace(HERE, channel="19:ops"), ChannelReference("19:chat", "https://smba.example/amer")
    for reference in (HERE, ops, elsewhere):
        await store.conversations.save_channel(reference)
    known = await store.conversations.channel("19:cab")
    await store.conversations.forget_channel("19:cab")
    kept = await store.conversations.channel("19:ops")
    await store.conversations.forget_team("19:team")
    await store.conversations.forget_team("19:team")

    assert (known, kept) == (HERE, ops)
    assert await store.conversations.channel("19:cab") is None
    assert await store.conversations.channel("19:ops") is None
    assert await store.conversations.channel("19:chat") == elsewhere


async def test_a_team_that_was_forgotten_can_come_back(store: Store) -> None:
    """A forgotten team can be restored by its id or a channel's id; a channel that was forgotten alone cannot."""
    ops, elsewhere = replace(HERE, channel="19:ops"), ChannelReference("19:chat", "https://smba.example/amer")
    sales = replace(HERE, channel="19:sales", team="19:other")
    for reference in (HERE, ops, elsewhere, sales):
        await store.conversations.save_channel(reference)
    there = await store.conversations.of_team("19:team")
    await store.conversations.forget_team("19:team")
    by_team, by_channel = await store.conversations.of_team("19:team"), await store.conversations.of_team("19:ops")
    await store.conversations.save_channel(HERE)
    await store.conversations.forget_channel("19:cab")

    assert {one.channel for one in there} == {"19:cab", "19:ops"} == {one.channel for one in by_team}
    assert set(by_channel) == set(by_team)
    assert list(await store.conversations.of_team("19:cab", "19:team")) == [ops]
    assert list(await store.conversations.of_team("19:chat", "19:nobody", "")) == []
    assert list(await store.conversations.of_team("19:sales")) == [sales]


async def test_what_had_an_address_moves_with_it(store: Store) -> None:
    """Everything that had the old address gets the new one; the channels among it are returned, and nothing is new."""
    old, new = HERE.service_url, "https://smba.example/amer"
    ops = replace(HERE, channel="19:ops")
    elsewhere = ChannelReference("19:chat", "https://smba.example/apac")
    for reference in (HERE, ops, elsewhere):
        await store.conversations.save_channel(reference)
    await store.conversations.save_person(ALEX)

    moved = await store.conversations.move(old, new)

    assert sorted(moved) == ["19:cab", "19:ops"]
    assert await store.conversations.channel("19:cab") == replace(HERE, service_url=new)
    assert await store.conversations.channel("19:ops") == replace(ops, service_url=new)
    assert await store.conversations.channel("19:chat") == elsewhere
    assert await store.conversations.person("alex") == replace(ALEX, service_url=new)
    assert list(await store.conversations.move(old, new)) == []


async def test_people_are_remembered_and_forgotten(store: Store) -> None:
    """People are stored and forgotten by account."""
    await store.conversations.save_person(ALEX)
    known = await store.conversations.person("alex")
    await store.conversations.forget_person("alex")

    assert known == ALEX
    assert await store.conversations.person("alex") is None


async def test_only_the_first_installation_is_new(store: Store, sibling: Store) -> None:
    """Only the first save of a channel or a person says that it is new, until it is forgotten."""
    moved = replace(HERE, service_url="https://smba.example/amer")
    channels = [await one.conversations.save_channel(reference) for one, reference in ((store, HERE), (sibling, moved))]
    people = [await one.conversations.save_person(ALEX) for one in (store, sibling)]
    await store.conversations.forget_person("alex")

    assert channels == people == [True, False]
    assert await store.conversations.channel("19:cab") == moved
    assert await store.conversations.save_person(ALEX)


async def test_a_message_is_heard_once(store: Store, sibling: Store) -> None:
    """A message is reserved by one replica only, even after it was answered; other messages are not affected."""
    first = [await one.memory.reserve_message("a message") for one in (store, sibling)]
    await store.memory.finish_message("a message")

    assert first == [True, False]
    assert not await sibling.memory.reserve_message("a message")
    assert await sibling.memory.reserve_message("another message")
