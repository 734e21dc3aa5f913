-- Alarm that no poll is complete: once, however many replicas notice it. Returns 1, or 0 if there is nothing to tell.
-- After once.lua and effects.lua.
-- KEYS 2 polling, 3 due, 4 fence, 5 bell, 6.. the effects of the alarm
local polling, due, fence, bell, first_effect = KEYS[2], KEYS[3], KEYS[4], KEYS[5], 6

-- Race: another replica was faster, or a poll has completed meanwhile.
if (redis.call('HGET', polling, 'complete') or '') ~= call.complete then
  return answer(0)
end
if redis.call('HSETNX', polling, 'alarmed', call.at) == 0 then
  return answer(0)
end
plan_all(due, fence, bell, first_effect)
return answer(1)
