-- Replace one state of a brake by another, with audit entries and effects. Returns {1 or 0, last audit number}.
-- After once.lua, audit.lua and effects.lua.
-- KEYS 2 brakes, 3 audit, 4 audit number, 5 due, 6 fence, 7 bell, 8.. the effects
local brakes, audit, number, due, fence, bell, first_effect = KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7], 8

-- Race: two people pull or release it at the same time. The second one has to read it again.
if (redis.call('HGET', brakes, call.name) or '') ~= call.before then
  return answer({0, 0})
end
if call.after == '' then
  redis.call('HDEL', brakes, call.name)
else
  redis.call('HSET', brakes, call.name, call.after)
end
note_all(audit, number)
plan_all(due, fence, bell, first_effect)
return answer({1, tonumber(redis.call('GET', number) or 0)})
