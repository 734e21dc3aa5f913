"""Orders from chat, and their way into an Intune in memory."""

import json
from base64 import b64decode, b64encode
from datetime import datetime
from hashlib import sha256

from approvals.naming import canonical, is_name
from approvals.order import Act, Order
from approvals.serials import is_dummy
from handlers.ports.errors import Conflict, Forbidden, NotFound
from handlers.ports.orders import Call, Candidate, Matches, Plan, Progress, Taken
from tests.fakes.intune import APPROVED, CANCELLED, COMPLETED, NEEDS_APPROVAL, Intune
from tests.fakes.troubles import Troubles

_OPEN = (NEEDS_APPROVAL, APPROVED)

EVERY_PLATFORM = "notApplicable"


class Orders:
    """Keeps the candidates that can be found, the plan of an order by its target's id, and how far each order has
    come."""

    def __init__(self) -> None:
        self.targets: dict[Act, list[Candidate]] = {}
        self.groups: list[Candidate] = []
        self.plans: dict[str, Plan] = {}
        self.held: set[tuple[str, str]] = set()  # policy type and platform
        self.reached: dict[str, Progress] = {}
        self.troubles = Troubles()

    async def find(self, act: Act, words: str) -> Matches:
        await self.troubles.begin("find")
        return _named(self.targets.get(act, []), words)

    async def find_groups(self, words: str) -> Matches:
        await self.troubles.begin("find_groups")
        return _named(self.groups, words)

    async def plan(self, order: Order) -> Plan:
        await self.troubles.begin("plan")
        if order.target_id not in self.plans:
            raise NotFound(f"there is no {order.target_id}")
        return self.plans[order.target_id]

    async def is_held(self, policy_type: str, platform: str) -> bool:
        await self.troubles.begin("is_held")
        holding = {where for held, where in self.held if held.casefold() == policy_type.casefold()}
        return bool(holding & {platform, EVERY_PLATFORM})

    async def call_for(self, order: Order) -> Call:
        await self.troubles.begin("call_for")
        path = f"/beta/{order.act}/{order.target_id}/{order.group_id}"
        return Call("POST", path, ",".join(sorted(order.options)).encode())

    async def progress(self, order: Order, since: datetime) -> Progress:
        await self.troubles.begin("progress")
        return self.reached.get(order.target_id, Progress.WAITING)


class Filer:
    """Files orders into the Intune that it is given, which holds them. If `holding` is false, an order is carried out
    at once."""

    app_id = "actor"

    def __init__(self, intune: Intune, orders: Orders, *, holding: bool = True) -> None:
        self.holding = holding
        self.filed: dict[str, Call] = {}  # by Intune's id
        self.done: list[Call] = []
        self.troubles = Troubles()
        self._intune = intune
        self._orders = orders
        self._answers = 0

    async def file(self, call: Call, justification: str) -> Taken:
        await self.troubles.begin("file")
        if any(held == call and self._status(one) in _OPEN for one, held in self.filed.items()):
            raise Conflict("another request is open for it", request_id=self._answer())
        answer = self._answer()
        intune_id = f"i-{answer}" if self.holding else ""
        if self.holding:
            self.filed[intune_id] = call
            self._intune.hold(self._orders.plans[_target_of(call)].row, intune_id, justification, self.app_id)
        else:
            self.done.append(call)
        self.troubles.end("file")
        return Taken(intune_id, answer)

    async def complete(self, call: Call, intune_id: str) -> str:
        await self.troubles.begin("complete")
        if self._status(intune_id) != APPROVED or self.filed[intune_id] != call:
            raise Forbidden("Intune does not take it", request_id=self._answer())
        self.done.append(call)
        self._intune.move(intune_id, raw_status=COMPLETED)
        self.troubles.end("complete")
        return self._answer()

    async def cancel(self, intune_id: str) -> None:
        await self.troubles.begin("cancel")
        if self._status(intune_id) != NEEDS_APPROVAL:
            raise Conflict("there is nothing to take back", request_id=self._answer())
        self._intune.move(intune_id, raw_status=CANCELLED)
        self.troubles.end("cancel")

    def _status(self, intune_id: str) -> str:
        """Return the status in Intune of a request that was filed here; empty for every other request."""
        return self._intune.rows[intune_id].raw_status if intune_id in self.filed else ""

    def _answer(self) -> str:
        self._answers += 1
        return f"answer-{self._answers}"


class Vault:
    """Seals a call so that only a vault with the same key can open it. It encrypts nothing: everybody can decode the
    text."""

    def __init__(self, key: str = "ours") -> None:
        self._key = key

    def seal(self, request_id: str, call: Call) -> str:
        parts = (self._key, request_id, call.method, call.path, call.body.hex())
        return b64encode(json.dumps(parts).encode()).decode()

    def open(self, request_id: str, sealed: str) -> Call:
        key, whose, method, path, body = json.loads(b64decode(sealed))
        if (key, whose) != (self._key, request_id):
            raise ValueError("the call was sealed with another key, or for another request")
        return Call(method, path, bytes.fromhex(body))

    def proof(self, request_id: str) -> str:
        return sha256(f"{self._key} {request_id}".encode()).hexdigest()[:8].upper()

    def proves(self, request_id: str, proof: str) -> bool:
        return self.proof(request_id) == proof


def _target_of(call: Call) -> str:
    """Return the id of a call's target, from the path that `Orders` gives it."""
    return call.path.split("/")[3]


def _named(known: list[Candidate], words: str) -> Matches:
    """Return the candidates with this name, and then those with a line that has this value; nothing for blank words."""
    if not canonical(words):
        return Matches()
    called = [one for one in known if is_name(words, one.name)]
    said = [one for one in known if any(is_name(words, value) for _, value in one.lines) and one not in called]
    return Matches([*called, *([] if is_dummy(words) else said)])
