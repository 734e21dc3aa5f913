-- Forget an effect, try it again later, or give it up. Only whoever holds the present token may say so: a lease that
-- ran out, or a plan that was made meanwhile, has another token.
-- KEYS 1 due, 2 effect, 3 dead    ARGV 1 id, 2 token, 3 'done' or due ms, 4 most attempts, 5 why, 6 now (ISO 8601)
if redis.call('HGET', KEYS[2], 'token') ~= ARGV[2] then
  return 0
end
local attempt = tonumber(redis.call('HGET', KEYS[2], 'attempt'))
if ARGV[3] ~= 'done' and attempt < tonumber(ARGV[4]) then
  redis.call('ZADD', KEYS[1], ARGV[3], ARGV[1])
  return 1
end
if ARGV[3] ~= 'done' then
  redis.call('HSET', KEYS[3], ARGV[1], cjson.encode({id = ARGV[1], why = ARGV[5], since = ARGV[6]}))
end
redis.call('DEL', KEYS[2])
redis.call('ZREM', KEYS[1], ARGV[1])
return 1
