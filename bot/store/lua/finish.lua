-- Delete an effect, try it again later, or give it up. Returns the result. After once.lua and effects.lua.
-- KEYS 2 due, 3 effect, 4 dead, 5 bell, 6 config
local due, effect, dead, bell, config = KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]

-- Race: the lease ran out and another replica has it, or it was planned again. Then the token differs.
-- Race: another configuration became active meanwhile. The work may have decided nothing; it is due again after the
-- lease.
if redis.call('HGET', effect, 'token') ~= call.token or redis.call('GET', config) ~= call.config then
  return 'lost'
end
if not call.again_at then
  redis.call('DEL', effect)
  redis.call('ZREM', due, call.id)
  redis.call('HDEL', dead, call.id)
  return answer('done')
end
if call.excused and tonumber(redis.call('HGET', effect, 'excused') or 0) < call.most_excused then
  redis.call('HINCRBY', effect, 'excused', 1)
end
if in_vain(effect) >= call.most_attempts then
  bury(due, effect, dead, call.id, call.why, call.at)
  return answer('dead')
end
redis.call('ZADD', due, call.again_at, call.id)
ring(bell)
return answer('again')
