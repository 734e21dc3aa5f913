"""The page of brakes: every way to pull or lift a brake, with every set of brakes that can be on."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

from approvals.brake import Brake, Operator, locks_after, recovery_brake, store_brake
from approvals.lifting import Move, accept_ledger, accept_store, pause, resume, unlock
from tests.approvals.builders import ADMINS, ALEX, DANA, NOW, RITA, eligibility, person
from tests.approvals.every.shown import lines_of_move, section
from tests.approvals.every.states import states
from tests.approvals.every.steps import ALEX_ELIGIBLE, CORA_ELIGIBLE, SOON

OPERATOR, ANOTHER = Operator("root", "host-1"), Operator("root", "host-2")
PAUSED = Brake("pause", ALEX, "Something is wrong.", NOW)
LOCKED = Brake("type:devicewipe", None, "", NOW, behind=RITA)


def brakes() -> Mapping[str, Sequence[Brake]]:
    """Return every set of brakes by its name."""
    [locked] = locks_after(states()["order, ran unheld"], NOW)
    store, recovery = store_brake("The store was reset.", NOW), recovery_brake(NOW)
    return {
        "none": (),
        "paused": (PAUSED,),
        "paused, and Alex wants it lifted": (replace(PAUSED, lifted_by=(ALEX,)),),
        "paused, and an operator wants it lifted": (replace(PAUSED, lifted_by=(OPERATOR,)),),
        "locked": (locked,),
        "store": (store,),
        "recovery": (recovery,),
        "all": (PAUSED, locked, recovery, store),
    }


MOVES: Mapping[str, Callable[[Sequence[Brake]], Move]] = {
    "Cora pauses": lambda on: pause(on, CORA_ELIGIBLE, "A thief is at work", SOON),
    "Cora pauses without a word": lambda on: pause(on, CORA_ELIGIBLE, " ", SOON),
    "Cora pauses in too many words": lambda on: pause(on, CORA_ELIGIBLE, "Why? " * 100, SOON),
    "A stranger pauses": lambda on: pause(on, eligibility(DANA), "A thief is at work!", SOON),
    "An operator pauses": lambda on: pause(on, OPERATOR, "A thief is at work!", SOON),
    "Alex resumes": lambda on: resume(on, ALEX_ELIGIBLE, SOON),
    "Alex resumes with another account": lambda on: resume(on, eligibility(person("alex-admin", "alex"), ADMINS), SOON),
    "Cora resumes": lambda on: resume(on, CORA_ELIGIBLE, SOON),
    "A stranger resumes": lambda on: resume(on, eligibility(DANA), SOON),
    "An operator resumes": lambda on: resume(on, OPERATOR, SOON),
    "An operator of another host resumes": lambda on: resume(on, ANOTHER, SOON),
    "Cora unlocks": lambda on: unlock(on, CORA_ELIGIBLE, " DeviceWipe ", SOON),
    "Cora unlocks by the name of the brake": lambda on: unlock(on, CORA_ELIGIBLE, "type:devicewipe", SOON),
    "Cora unlocks another type": lambda on: unlock(on, CORA_ELIGIBLE, "script", SOON),
    "Cora unlocks the pause": lambda on: unlock(on, CORA_ELIGIBLE, "pause", SOON),
    "Cora unlocks the store": lambda on: unlock(on, CORA_ELIGIBLE, "store", SOON),
    "Rita unlocks": lambda on: unlock(on, eligibility(RITA, ADMINS), "deviceWipe", SOON),
    "A stranger unlocks": lambda on: unlock(on, eligibility(DANA), "deviceWipe", SOON),
    "An operator unlocks": lambda on: unlock(on, OPERATOR, "deviceWipe", SOON),
    "An operator accepts the store": lambda on: accept_store(on, OPERATOR, SOON, "Restored from last night"),
    "An operator accepts the store without a word": lambda on: accept_store(on, OPERATOR, SOON, ""),
    "An operator accepts the ledger": lambda _: accept_ledger(OPERATOR, SOON, "Restored from last night"),
    "An operator accepts the ledger without a word": lambda _: accept_ledger(OPERATOR, SOON, ""),
}


def page() -> str:
    """Return the page of brakes."""
    known = brakes()
    return "\n".join(line for title, move in MOVES.items() for line in _section(title, move, known))


def _section(
    title: str, move: Callable[[Sequence[Brake]], Move], known: Mapping[str, Sequence[Brake]]
) -> Iterator[str]:
    return section(title, {name: partial(_told, move, on) for name, on in known.items()})


def _told(move: Callable[[Sequence[Brake]], Move], on: Sequence[Brake]) -> Iterator[str]:
    return lines_of_move(move(on))
