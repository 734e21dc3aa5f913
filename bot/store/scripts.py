"""The Lua scripts, assembled from the files in `lua/`, and how they are run."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bot.store.keys import ANSWER
from bot.store.redis import Scripting
from bot.store.troubles import UnknownScript

_LUA = Path(__file__).parent / "lua"


class LuaScript:
    """One script: these files in this order. Once sent, a server knows it by its hash."""

    def __init__(self, *files: str) -> None:
        self.source = "\n".join((_LUA / f"{name}.lua").read_text(encoding="utf-8") for name in files)
        self.sha = hashlib.sha1(self.source.encode(), usedforsecurity=False).hexdigest()

    async def run(self, redis: Scripting, keys: Sequence[str], call: Mapping[str, Any]) -> Any:
        """Run the script. Its source is sent to a server that does not know it.

        `call` must not contain `None`: leave such fields out, because JSON's null is true in Lua.
        """
        arguments = (json.dumps(call, ensure_ascii=False), str(ANSWER.seconds))
        try:
            return await redis.evalsha(self.sha, len(keys), *keys, *arguments)
        except UnknownScript:
            return await redis.eval(self.source, len(keys), *keys, *arguments)


COMMIT = LuaScript("once", "audit", "effects", "epoch", "commit")
RECORD = LuaScript("once", "audit", "record")
REFUSE = LuaScript("once", "audit", "refuse")
PLAN = LuaScript("once", "effects", "plan")
LEASE = LuaScript("once", "effects", "lease")
FINISH = LuaScript("once", "effects", "finish")
CONSUME = LuaScript("once", "consume")
LEAD = LuaScript("lead")
RELEASE = LuaScript("release")
WATERMARK = LuaScript("once", "effects", "watermark")
ALARM = LuaScript("once", "effects", "alarm")
SAVE_COPY = LuaScript("once", "audit", "effects", "save_copy")
SWAP_COPY = LuaScript("once", "effects", "swap_copy")
SEAL = LuaScript("once", "seal")
TRIM = LuaScript("once", "trim")
REJOIN = LuaScript("once", "rejoin")
GATHER = LuaScript("once", "effects", "gather")
SWAP_BRAKE = LuaScript("once", "audit", "effects", "swap_brake")
VISIT = LuaScript("once", "schema", "visit")
ACTIVATE = LuaScript("once", "audit", "effects", "schema", "activate")
PROBE = LuaScript("probe")
TIME = LuaScript("time")
STATE = LuaScript("state")
TURN_EPOCH = LuaScript("once", "audit", "effects", "turn_epoch")
RECOVER = LuaScript("once", "effects", "recover")
RECOVERED = LuaScript("once", "audit", "effects", "recovered")
