-- Put one state of a brake in the place of another, with what is recorded of it. Answers 1 or 0.
-- After once.lua and audit.lua.
-- KEYS 2 brakes, 3 audit, 4 audit number
local brakes, audit, number = KEYS[2], KEYS[3], KEYS[4]

-- Race: two people pull or release it at the same time. The second one has to look again.
if (redis.call('HGET', brakes, call.name) or '') ~= call.before then
  return answer(0)
end
if call.after == '' then
  redis.call('HDEL', brakes, call.name)
else
  redis.call('HSET', brakes, call.name, call.after)
end
for _, entry in ipairs(call.entries) do
  note(audit, number, entry)
end
return answer(1)
