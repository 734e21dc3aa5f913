-- Return the store's epoch (empty if there is none), the last audit number, and one process's mark, all of one moment.
-- Writes nothing.
-- KEYS 1 epoch, 2 audit number, 3 marks    ARGV 1 the call as JSON
return {
  redis.call('GET', KEYS[1]) or '',
  tonumber(redis.call('GET', KEYS[2]) or 0),
  tonumber(redis.call('HGET', KEYS[3], cjson.decode(ARGV[1]).process) or 0),
}
