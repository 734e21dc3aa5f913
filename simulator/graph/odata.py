"""Collections and entities: $filter, $orderby, $select, $expand, $top, $skip, $count and paging."""

import base64
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from simulator.graph.call import Answer, Call
from simulator.graph.errors import bad_request
from simulator.graph.filters import compiled

Row = Mapping[str, Any]
LARGEST_PAGE = 999
_BETWEEN = re.compile(r",(?![^(]*\))")  # a comma outside brackets


def collection(
    call: Call,
    rows: Sequence[Row],
    what: str,
    *,
    page_size: int = 100,
    properties: Iterable[str] = (),
    empty_matches_all: bool = False,
    largest: int = LARGEST_PAGE,
    overlap: int = 0,
) -> Answer:
    """Return one page of the rows that the query selects. `properties` can be filtered even if no row has them.

    No page has more than `largest` rows, whatever is requested; `overlap` rows are repeated on the next page.
    """
    chosen = _ordered(call, matching(call, rows, properties=properties, empty_matches_all=empty_matches_all))
    start, size = _window(call, page_size, largest)
    body: dict[str, Any] = {"@odata.context": call.context(what)}
    if call.query.get("$count") == "true":
        body["@odata.count"] = len(chosen)
    if 0 < size < len(chosen) - start:
        body["@odata.nextLink"] = _next_link(call, start + max(size - overlap, 1))
    return Answer(200, body | {"value": [selected(call, row) for row in chosen[start : start + size]]})


def entity(call: Call, row: Row, what: str, status: int = 200) -> Answer:
    """Return one row with the properties that $select names."""
    return Answer(status, {"@odata.context": call.context(f"{what}/$entity"), **selected(call, row)})


def count(call: Call, rows: Sequence[Row], *, properties: Iterable[str] = ()) -> Answer:
    """Return the answer of /$count: a number as plain text."""
    return Answer(200, str(len(matching(call, rows, properties=properties))))


def matching(
    call: Call, rows: Sequence[Row], *, properties: Iterable[str] = (), empty_matches_all: bool = False
) -> list[Row]:
    """Return the rows that match $filter; raises `GraphError` 400 for $search."""
    if "$search" in call.query:
        raise bad_request("The query option '$search' is not supported for this resource.")
    if "$filter" not in call.query:
        return list(rows)
    known = frozenset(properties).union(*rows)
    test = compiled(call.query["$filter"], known, empty_matches_all=empty_matches_all)
    return [row for row in rows if test(row)]


def selected(call: Call, row: Row) -> dict[str, Any]:
    """Return the row's properties that $select names, and its control information (@odata…)."""
    names = [name.strip() for name in call.query.get("$select", "").split(",") if name.strip()]
    if not names:
        return dict(row)
    return {key: value for key, value in row.items() if key in names or key.startswith("@odata")}


def expanded(call: Call, name: str) -> bool:
    """Return whether $expand names this relation, with or without options in brackets."""
    return any(part.partition("(")[0].strip() == name for part in _BETWEEN.split(call.query.get("$expand", "")))


def _ordered(call: Call, rows: list[Row]) -> list[Row]:
    for part in reversed(call.query.get("$orderby", "").split(",")):
        name, _, direction = part.strip().partition(" ")
        if name:
            rows.sort(key=lambda row: str(row.get(name, "")), reverse=direction.strip().lower() == "desc")
    return rows


def _window(call: Call, page_size: int, largest: int) -> tuple[int, int]:
    start = _number(call, "$skip")
    if "$skiptoken" in call.query:
        start = _from_token(call.query["$skiptoken"])
    return start, min(_number(call, "$top") if "$top" in call.query else page_size, largest)


def _number(call: Call, name: str) -> int:
    text = call.query.get(name, "0")
    if not (text.isascii() and text.isdigit()):
        raise bad_request(f"Invalid value '{text}' for {name} query option found.")
    return int(text)


def _next_link(call: Call, start: int) -> str:
    token = base64.urlsafe_b64encode(f"next:{start}".encode()).decode()
    query = {name: value for name, value in call.query.items() if name != "$skip"} | {"$skiptoken": token}
    return f"{call.origin}/{call.version}{call.path}?{urlencode(query)}"


def _from_token(token: str) -> int:
    try:
        word, _, number = base64.urlsafe_b64decode(token).decode().partition(":")
        if word == "next":
            return int(number)
    except ValueError:
        pass
    raise bad_request("Skip token is not valid.")
