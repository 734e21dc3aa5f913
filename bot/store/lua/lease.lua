-- Lease the effects that are due. Returns {id, body, attempt, token} for each. After once.lua and effects.lua.
-- KEYS 2 due, 3 fence, 4 dead, 5 config; the effects' own keys follow from the ids and share the hash tag
local due, fence, dead, config = KEYS[2], KEYS[3], KEYS[4], KEYS[5]

-- With another configuration than the active one, an effect would decide nothing and be deleted.
if redis.call('GET', config) ~= call.config then
  return {}
end

local leased = {}
for _, id in ipairs(redis.call('ZRANGEBYSCORE', due, '-inf', call.now, 'LIMIT', 0, call.limit)) do
  local effect = call.effects .. id
  local body = redis.call('HGET', effect, 'body')
  if not body then
    redis.call('ZREM', due, id) -- deleted by hand
  elseif in_vain(effect) >= call.most_attempts then
    -- Every replica that began it never finished: the effect itself may be what kills them.
    bury(due, effect, dead, id, 'begun ' .. call.most_attempts .. ' times and never finished', call.at)
  else
    -- Race: two replicas lease at the same time. The due time moves to the lease's end; if a replica dies, the effect
    -- is due again.
    redis.call('ZADD', due, call.lease_until, id)
    local attempt, token = redis.call('HINCRBY', effect, 'attempt', 1), tostring(redis.call('INCR', fence))
    redis.call('HSET', effect, 'token', token)
    table.insert(leased, {id, body, attempt, token})
  end
end

-- A lease without results writes nothing.
return #leased > 0 and answer(leased) or leased
