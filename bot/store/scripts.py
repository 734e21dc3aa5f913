"""The Lua scripts, each in a file of its own beside this one."""

from pathlib import Path

from bot.store.redis import Script

_HERE = Path(__file__).parent

COMMIT = Script((_HERE / "commit.lua").read_text(encoding="utf-8"))
RECORD = Script((_HERE / "record.lua").read_text(encoding="utf-8"))
PLAN = Script((_HERE / "plan.lua").read_text(encoding="utf-8"))
CLAIM = Script((_HERE / "claim.lua").read_text(encoding="utf-8"))
FINISH = Script((_HERE / "finish.lua").read_text(encoding="utf-8"))
LEAD = Script((_HERE / "lead.lua").read_text(encoding="utf-8"))
