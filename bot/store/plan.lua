-- Effects that belong to no decision. Planning twice is harmless: the same id is one piece of work.
-- KEYS 1 due, 2 bell, 3.. effects    ARGV (effect id, due ms, body) per effect
local at = 1
for number = 3, #KEYS do
  redis.call('HSET', KEYS[number], 'body', ARGV[at + 2], 'attempt', 0)
  redis.call('HINCRBY', KEYS[number], 'token', 1)
  redis.call('ZADD', KEYS[1], ARGV[at + 1], ARGV[at])
  at = at + 3
end
redis.call('DEL', KEYS[2])
redis.call('RPUSH', KEYS[2], 1)
redis.call('EXPIRE', KEYS[2], 60)
return #KEYS - 2
