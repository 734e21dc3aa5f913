-- Store the time up to which Intune has been read, and that the poll is complete. End an alarm about polling.
-- After once.lua and effects.lua.
-- KEYS 2 watermark, 3 config, 4 polling, 5 due, 6 fence, 7 bell, 8.. the effects that tell it
local watermark, config, polling, due, fence, bell = KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7]
local first_effect = 8

-- Race: another configuration became active during the poll. Nothing of it was stored, so it has to be read again.
if redis.call('GET', config) ~= call.config then
  return answer(0)
end
redis.call('SET', watermark, call.to)
redis.call('HSET', polling, 'complete', call.at)

-- Race: another replica alarms while this one reads the last row. Only here is it known whether it did.
if redis.call('HDEL', polling, 'alarmed') == 1 then
  plan_all(due, fence, bell, first_effect)
end
redis.call('HDEL', polling, 'stuck')
return answer(1)
