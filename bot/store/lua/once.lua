-- The start of every script that must not do its work twice.
-- KEYS 1 where the answer is kept
-- ARGV 1 the call as JSON, 2 seconds that the answer is kept
-- Race: the script ran, its answer was lost, and the client sends the same call again. The first answer is returned.
-- Extending its lifetime is a write on this connection, so that a WAIT that follows also waits for the first run.
local call = cjson.decode(ARGV[1])
local kept = redis.call('GET', KEYS[1])
if kept then
  redis.call('EXPIRE', KEYS[1], ARGV[2])
  return cjson.decode(kept)
end

local function answer(value)
  redis.call('SET', KEYS[1], cjson.encode(value), 'EX', ARGV[2])
  return value
end
