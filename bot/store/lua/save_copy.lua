-- Remember a posted card; a finished post takes the place of its own beginning. By itself the same when it runs twice.
-- KEYS 1 copies    ARGV 1 the call as JSON
local call = cjson.decode(ARGV[1])
redis.call('HSET', KEYS[1], call.field, call.copy)
if call.begun ~= call.field then
  redis.call('HDEL', KEYS[1], call.begun)
end
redis.call('EXPIRE', KEYS[1], call.seconds)
return 1
