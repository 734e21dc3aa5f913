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


class Script:
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


COMMIT = Script("once", "audit", "effects", "epoch", "commit")
RECORD = Script("once", "audit", "record")
REFUSE = Script("once", "audit", "refuse")
PLAN = Script("once", "effects", "plan")
CLAIM = Script("once", "effects", "claim")
FINISH = Script("once", "effects", "finish")
CONSUME = Script("once", "consume")
LEAD = Script("lead")
RELEASE = Script("release")
WATERMARK = Script("once", "effects", "watermark")
ALARM = Script("once", "effects", "alarm")
SAVE_COPY = Script("once", "audit", "effects", "save_copy")
SWAP_COPY = Script("once", "effects", "swap_copy")
SEAL = Script("once", "seal")
TRIM = Script("once", "trim")
REJOIN = Script("once", "rejoin")
GATHER = Script("once", "effects", "gather")
SWAP_BRAKE = Script("once", "audit", "effects", "swap_brake")
VISIT = Script("once", "schema", "visit")
ACTIVATE = Script("once", "audit", "effects", "schema", "activate")
PROBE = Script("probe")
TIME = Script("time")
STATE = Script("state")
TURN_EPOCH = Script("once", "audit", "effects", "turn_epoch")
RECOVER = Script("once", "effects", "recover")
RECOVERED = Script("once", "audit", "effects", "recovered")
