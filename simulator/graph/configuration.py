"""Configuration in Intune: reading, and Create, Update, Delete, Assign through the gate."""

import json
from collections.abc import Callable, Mapping
from typing import Any
from uuid import uuid4

from simulator.graph import odata
from simulator.graph.assigning import assigned, of_group
from simulator.graph.call import Answer, Call, Route
from simulator.graph.definitions import shown
from simulator.graph.errors import bad_request, not_found
from simulator.graph.gate import Change, Gate
from simulator.graph.kinds import Action, Entity, Kind
from simulator.graph.state import State
from simulator.graph.times import precise

_READ_ONLY = {"id", "createdDateTime", "lastModifiedDateTime", "isBuiltIn"}
_SERVICE_TYPES = "microsoft.management.services.api."


class Configuration:
    """The routes of one kind of configuration."""

    def __init__(self, kind: Kind, state: State, gate: Gate) -> None:
        self._kind = kind
        self._state = state
        self._gate = gate
        self._entities = kind.store(state.world)
        self._what = f"{kind.root}/{kind.segment}"

    def routes(self) -> list[Route]:
        """Return the routes."""
        kind, one = self._kind, f"{self._kind.base}/{{id}}"
        return [
            Route("GET", kind.base, self._list, kind.read, kind.versions),
            Route("GET", one, self._get, kind.read, kind.versions),
            Route("GET", f"{one}/{kind.relation}", self._assignments, kind.read, kind.versions),
            Route("POST", kind.base, self._create, kind.write, kind.versions),
            Route("PATCH", one, self._update, kind.write, kind.versions),
            Route("DELETE", one, self._delete, kind.write, kind.versions),
            # The portal replaces a policy of the settings catalogue as a whole.
            Route("PUT", one, self._update, kind.write, kind.versions),
            Route("POST", f"{one}/{kind.assign}", self._assign, kind.write, kind.versions),
            *(Route("GET", f"{one}/{child}", self._child(child), kind.read, kind.versions) for child in kind.children),
            *(
                Route("POST", f"{one}/{action}", self._action(apply), kind.write, kind.versions)
                for action, apply in kind.actions.items()
            ),
        ]

    def _list(self, call: Call) -> Answer:
        rows = [self._row(call, entity) | self._unlisted(entity) for entity in self._entities.values()]
        return odata.collection(call, rows, self._what, page_size=self._state.knobs.page_size)

    def _get(self, call: Call) -> Answer:
        return odata.entity(call, self._row(call, self._found(call)), self._what)

    def _assignments(self, call: Call) -> Answer:
        return odata.collection(call, self._found(call)[self._kind.relation], f"{self._what}/{self._kind.relation}")

    def _child(self, child: str) -> Callable[[Call], Answer]:
        def read(call: Call) -> Answer:
            rows = [shown(call, row, self._state.world) for row in self._found(call).get(child, [])]
            return odata.collection(call, rows, f"{self._what}/{child}")

        return read

    def _action(self, change: Action) -> Callable[[Call], Answer]:
        def act(call: Call) -> Answer:
            entity, body = self._changeable(call), call.json()

            def apply(entity_id: str) -> Answer:
                change(self._entities[entity_id], body)
                self._entities[entity_id]["lastModifiedDateTime"] = precise(self._state.clock.now())
                return Answer(204)

            details = {"payload": _internal(entity), "patchPayload": json.dumps(body)}
            return self._perform(call, entity, "Update", apply, details)

        return act

    def _create(self, call: Call) -> Answer:
        entity = {name: value for name, value in call.json().items() if name not in _READ_ONLY}
        self._kind.check(entity)
        now = precise(self._state.clock.now())
        entity |= {"createdDateTime": now, "lastModifiedDateTime": now, self._kind.relation: []}

        def apply(entity_id: str) -> Answer:
            self._entities[entity_id] = {**entity, "id": entity_id}
            return odata.entity(call, self._row(call, self._entities[entity_id]), self._what, 201)

        details = {"payload": _internal(entity)}
        return self._perform(call, {**entity, "id": str(uuid4())}, "Create", apply, details)

    def _update(self, call: Call) -> Answer:
        entity = self._changeable(call)
        patch = {name: value for name, value in call.json().items() if name not in _READ_ONLY}
        self._kind.check(entity | patch)

        def apply(entity_id: str) -> Answer:
            self._entities[entity_id] |= patch | {"lastModifiedDateTime": precise(self._state.clock.now())}
            return odata.entity(call, self._row(call, self._entities[entity_id]), self._what)

        details = {"payload": _internal(entity), "patchPayload": json.dumps(patch)}
        return self._perform(call, entity, "Update", apply, details)

    def _delete(self, call: Call) -> Answer:
        entity = self._changeable(call)

        def apply(entity_id: str) -> Answer:
            del self._entities[entity_id]
            return Answer(204)

        return self._perform(call, entity, "Delete", apply, {"payload": _internal(entity)})

    def _assign(self, call: Call) -> Answer:
        entity = self._found(call)
        existing, added = entity[self._kind.relation], [assigned(self._kind.segment, one) for one in self._listed(call)]

        def apply(entity_id: str) -> Answer:
            kept = [] if self._kind.assign_key else existing
            self._entities[entity_id][self._kind.relation] = kept + added
            if self._kind.assign_key:
                return Answer(200, {"@odata.context": call.context(self._what), "value": added})
            return odata.entity(call, added[0], f"{self._what}/{self._kind.relation}", 201)

        details = {
            "payload": _internal(entity),
            "addedAssignments": json.dumps(added),
            "existingAssignments": json.dumps(existing),
            **({"actionParameters": json.dumps(call.json())} if self._state.knobs.assign_body else {}),
        }
        return self._perform(call, entity, "Assign", apply, details)

    def _listed(self, call: Call) -> list[Entity]:
        body, key, group_key = call.json(), self._kind.assign_key, self._kind.group_key
        if not key:
            return [body]
        of_groups = self._collection(body, group_key) if group_key and group_key in body else []
        listed = self._collection(body, key) if key in body or not of_groups else []
        return [*listed, *map(of_group, of_groups)]

    def _collection(self, body: Mapping[str, Any], key: str) -> list[Entity]:
        listed = body.get(key)
        if not isinstance(listed, list) or not all(isinstance(assignment, dict) for assignment in listed):
            raise bad_request(f"The property '{key}' must be a collection.")
        return listed

    def _perform(
        self,
        call: Call,
        entity: Mapping[str, Any],
        operation: str,
        apply: Callable[[str], Answer],
        details: Mapping[str, Any],
    ) -> Answer:
        change = Change(
            policy_type=self._kind.policy_type,
            platform=self._kind.platform(entity),
            payload_type=self._kind.payload_type,
            payload_id=entity["id"],
            payload_name=entity[self._kind.name],
            operation=operation,
            apply=apply,
            details=details,
        )
        return self._gate.perform(call, change)

    def _found(self, call: Call) -> Entity:
        entity = self._entities.get(call.arguments["id"].lower())
        if entity is None:
            raise not_found(call.arguments["id"])
        return entity

    def _changeable(self, call: Call) -> Entity:
        entity = self._found(call)
        self._kind.check_changeable(entity)
        return entity

    def _row(self, call: Call, entity: Mapping[str, Any]) -> dict[str, Any]:
        relations = (self._kind.relation, *self._kind.children, *self._kind.hidden)
        hidden = {name for name in relations if not odata.expanded(call, name)}
        return {name: value for name, value in entity.items() if name not in hidden}

    def _unlisted(self, entity: Mapping[str, Any]) -> dict[str, None]:
        """Return the properties that lists show as null: script texts are only in a single script."""
        return {name: None for name in self._kind.base64_properties if name in entity}


def _internal(entity: Mapping[str, Any]) -> str:
    """Return the object as a JSON string with the service's internal type names."""
    return json.dumps(entity).replace("#microsoft.graph.", _SERVICE_TYPES)
