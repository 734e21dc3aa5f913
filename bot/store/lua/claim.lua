-- Lease what is due. Answers {id, body, attempt, token} for each. After once.lua and effects.lua.
-- KEYS 2 due, 3 fence, 4 dead, 5 config; the effects' own keys follow from the ids and share the hash tag
local due, fence, dead, config = KEYS[2], KEYS[3], KEYS[4], KEYS[5]

-- Work that is done by another configuration would decide nothing, and be forgotten.
if redis.call('GET', config) ~= call.config then
  return {}
end

local claimed = {}
for _, id in ipairs(redis.call('ZRANGEBYSCORE', due, '-inf', call.now, 'LIMIT', 0, call.limit)) do
  local effect = call.effects .. id
  local body = redis.call('HGET', effect, 'body')
  if not body then
    redis.call('ZREM', due, id) -- somebody deleted it by hand
  elseif in_vain(effect) >= call.most_attempts then
    -- Whoever began it never came back, every time: it may be what kills them.
    bury(due, effect, dead, id, 'begun ' .. call.most_attempts .. ' times and never finished', call.at)
  else
    -- Race: two replicas look at the same time. To move it into the future is to take it; if we die, it comes back.
    redis.call('ZADD', due, call.lease_until, id)
    local attempt, token = redis.call('HINCRBY', effect, 'attempt', 1), tostring(redis.call('INCR', fence))
    redis.call('HSET', effect, 'token', token)
    table.insert(claimed, {id, body, attempt, token})
  end
end

-- To look and find nothing writes nothing.
return #claimed > 0 and answer(claimed) or claimed
