-- Make a configuration the active one. Returns {result, the other configuration, since when that is active (ms)}.
-- After once.lua, audit.lua, effects.lua and schema.lua.
-- KEYS 2 schema, 3 config, 4 configs, 5 audit, 6 audit number, 7 due, 8 fence, 9 bell, 10.. the effects
local schema, config, configs, audit, number = KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local due, fence, bell, first_effect = KEYS[7], KEYS[8], KEYS[9], 10

-- Race: a program with another schema starts at the same time. One of the two finds the other's schema number.
local other = other_schema(schema, number)
if other then
  return {'other-schema', other, '0'}
end

local active = redis.call('GET', config) or ''
local since = active ~= '' and redis.call('ZSCORE', configs, active) or '0'
if active == call.config then
  return {'active', active, since}
end

-- An old replica restarts with an old file, whose configuration was replaced on purpose.
local was_active = active ~= '' and redis.call('ZSCORE', configs, call.config)
if was_active and not call.adopt then
  return {'superseded', active, since}
end
redis.call('SET', config, call.config)
local now = redis.call('TIME')
redis.call('ZADD', configs, now[1] * 1000 + math.floor(now[2] / 1000), call.config)
redis.call('ZREMRANGEBYRANK', configs, 0, -1 - call.most)
if not was_active then
  return answer({'activated', active, since})
end
note_all(audit, number)
plan_all(due, fence, bell, first_effect)
return answer({'adopted', active, since})
