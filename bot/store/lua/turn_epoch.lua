-- Replace one epoch by another, with the brakes that it pulls or lifts and the audit entries. Returns 1, or 0 if the
-- epoch has changed meanwhile. After once.lua, audit.lua and effects.lua.
-- KEYS 2 epoch, 3 audit, 4 audit number, 5 brakes, 6 config, 7 watermark, 8 lost, 9 schema, 10 due,
-- 11 fence, 12 bell, 13.. the effects
local epoch, audit, number, brakes, config, watermark = KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7]
local lost, schema, due, fence, bell, first_effect = KEYS[8], KEYS[9], KEYS[10], KEYS[11], KEYS[12], 13

-- Race: two replicas find the store changed at the same time. The second one takes over the first one's result.
if (redis.call('GET', epoch) or '') ~= call.before then
  return answer(0)
end
-- Race: a replica with a replaced configuration finds the store changed. It must not mend it.
local active = redis.call('GET', config)
if call.config and active and active ~= call.config then
  return answer(0)
end
redis.call('SET', epoch, call.after)

local function at_least(key, least)
  if tonumber(redis.call('GET', key) or 0) < least then
    redis.call('SET', key, least)
  end
end

-- No audit number and no token is given twice.
at_least(number, call.number)
at_least(fence, call.fence)
if call.config then
  redis.call('SETNX', schema, call.schema)
  redis.call('SETNX', config, call.config)
end
if call.watermark then
  redis.call('SETNX', watermark, call.watermark)
end
if call.pulls then
  redis.call('HSET', brakes, call.pulls.name, call.pulls.brake)
end
for _, name in ipairs(call.lifts) do
  redis.call('HDEL', brakes, name)
  redis.call('DEL', lost)
end
note_all(audit, number)
plan_all(due, fence, bell, first_effect)
return answer(1)
