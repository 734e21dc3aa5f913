-- Lease what is due. The lease is the new due time, so work of a dead replica comes back by itself.
-- KEYS 1 due    ARGV 1 now ms, 2 lease ms, 3 limit, 4 prefix of effect keys (same hash tag as KEYS 1)
local claimed = {}
for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, ARGV[3])) do
  local effect = ARGV[4] .. id
  local body = redis.call('HGET', effect, 'body')
  if body then
    redis.call('ZADD', KEYS[1], ARGV[1] + ARGV[2], id)
    local attempt = redis.call('HINCRBY', effect, 'attempt', 1)
    local token = redis.call('HINCRBY', effect, 'token', 1)
    table.insert(claimed, {id, body, attempt, tostring(token)})
  else
    redis.call('ZREM', KEYS[1], id)
  end
end
return claimed
