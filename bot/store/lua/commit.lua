-- Store one decision: state, audit, effects and the click, all or nothing. Returns {result, notice, last audit number}.
-- After once.lua, audit.lua, effects.lua and epoch.lua.
local request, intune, open, config = KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local audit, number, refusals, click = KEYS[6], KEYS[7], KEYS[8], KEYS[9]
local brakes, asked = KEYS[10], KEYS[11]
local due, fence, bell, epoch, marks, first_effect = KEYS[12], KEYS[13], KEYS[14], KEYS[15], KEYS[16], 17

-- Race: the store was reset, restored or failed over while this was decided. Nothing is written to an unknown store.
local wrong = unlike(epoch, number, marks, call.remembered)
if wrong then
  local active = redis.call('GET', config)
  if active and active ~= call.config then
    return {'other-config', '', 0} -- another configuration's replica mends it
  end
  return {wrong, '', 0}
end

-- The returned number is also stored as this process's mark, so a failover loses both or neither.
local function saved()
  local last = tonumber(redis.call('GET', number) or 0)
  if call.remembered then
    redis.call('HSET', marks, call.remembered.process, last)
  end
  return answer({'saved', '', last})
end

-- Race: Teams delivers a click twice. The first result stands. Another body or person under the same id is forged.
local seen = call.click and redis.call('GET', click)
if seen then
  seen = cjson.decode(seen)
  if seen.digest ~= call.click.digest then
    return {'forged', '', 0}
  end
  redis.call('EXPIRE', click, call.click_seconds)
  return {'repeated', seen.notice, 0}
end

-- Race: a replica decides while its successor activates another configuration.
if redis.call('GET', config) ~= call.config then
  return {'other-config', '', 0}
end

-- Race: somebody pulls a brake while a call to Intune is being reserved.
for _, name in ipairs(call.unless) do
  local brake = redis.call('HGET', brakes, name)
  if brake then
    return {'braked', brake, 0}
  end
end

-- Race: two orders are made at the same time, each counted without the other.
if call.asked and redis.call('ZCOUNT', asked, call.asked.since, '+inf') ~= call.asked.count then
  return {'conflict', '', 0}
end

if call.changed then
  -- Race: two people decide on the same state. The second decision is made again on the new state.
  if tonumber(redis.call('HGET', request, 'revision') or 0) ~= call.revision then
    return {'conflict', '', 0}
  end
  -- Race: two replicas find the same new request in Intune. The first one's id counts.
  local known = call.intune_id and redis.call('GET', intune)
  if known and known ~= call.id then
    return {'conflict', '', 0}
  end
  redis.call('HSET', request, 'revision', call.revision + 1, 'state', call.state)
  if call.intune_id then
    redis.call('SET', intune, call.id)
  end
  if call.ended then
    redis.call('ZREM', open, call.id)
    redis.call('EXPIRE', request, call.ended_seconds)
    redis.call('EXPIRE', intune, call.ended_seconds)
  else
    redis.call('ZADD', open, call.opened, call.id)
    redis.call('PERSIST', request) -- a review may reopen a request that had ended
    redis.call('PERSIST', intune)
  end
end

if call.flood and flooded(audit, number, refusals) then
  return saved()
end

for name, brake in pairs(call.locks) do
  redis.call('HSETNX', brakes, name, brake)
end
if call.asked then
  redis.call('ZREMRANGEBYSCORE', asked, '-inf', call.asked.forget)
  redis.call('ZADD', asked, call.asked.at, call.asked.member)
end
note_all(audit, number)
plan_all(due, fence, bell, first_effect)
if call.click then
  redis.call('SET', click, cjson.encode(call.click), 'EX', call.click_seconds)
end
return saved()
