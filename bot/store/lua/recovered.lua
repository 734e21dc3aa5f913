-- Allow calls again after a loss was checked. Returns 1, or 0 if more losses were found meanwhile.
-- After once.lua, audit.lua and effects.lua.
-- KEYS 2 lost, 3 brakes, 4 audit, 5 audit number, 6 due, 7 fence, 8 bell, 9.. the effects
local lost, brakes, audit, number = KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local due, fence, bell, first_effect = KEYS[6], KEYS[7], KEYS[8], 9

-- Race: another replica found more losses during the check.
if tonumber(redis.call('HGET', lost, 'entries') or 0) ~= call.entries_lost then
  return answer(0)
end
redis.call('DEL', lost)
redis.call('HDEL', brakes, call.lifts)
note_all(audit, number)
plan_all(due, fence, bell, first_effect)
return answer(1)
