-- Become or stay the poller. Returns 1 or 0. Idempotent.
-- KEYS 1 poller, 2 config, 3 until when this replica stands back    ARGV 1 the call as JSON
local call = cjson.decode(ARGV[1])
local holder = redis.call('HGET', KEYS[1], 'replica')

-- A replica with another configuration could store nothing of what it reads, so requests would be missed.
if redis.call('GET', KEYS[2]) ~= call.config then
  return 0
end
if tonumber(redis.call('GET', KEYS[3]) or 0) > call.now then
  return 0
end
if holder and holder ~= call.replica and tonumber(redis.call('HGET', KEYS[1], 'until')) > call.now then
  return 0
end
redis.call('HSET', KEYS[1], 'replica', call.replica, 'until', call.lease_until)
return 1
