-- Leave polling to the others; with `back_at` at least until then. Idempotent.
-- KEYS 1 poller, 2 until when this replica stands back    ARGV 1 the call as JSON
local call = cjson.decode(ARGV[1])

-- Race: the lease ran out and another replica took it meanwhile. That one keeps it.
if redis.call('HGET', KEYS[1], 'replica') == call.replica then
  redis.call('DEL', KEYS[1])
end
if call.back_at then
  redis.call('SET', KEYS[2], call.back_at, 'EX', call.seconds)
end
return 1
