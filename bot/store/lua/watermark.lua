-- Remember up to where Intune was read. By itself the same when it runs twice.
-- KEYS 1 watermark, 2 config    ARGV 1 the call as JSON
local call = cjson.decode(ARGV[1])

-- Race: another configuration became active during the poll. Nothing of it was stored, so it has to be read again.
if redis.call('GET', KEYS[2]) ~= call.config then
  return 0
end
redis.call('SET', KEYS[1], call.to)
return 1
