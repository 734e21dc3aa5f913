-- Replace one state of a copy by another, with its effects. After once.lua and effects.lua.
-- KEYS 2 copies, 3 message, 4 due, 5 fence, 6 bell, 7.. the effects
local copies, message, due, fence, bell, first_effect = KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], 7

-- Race: two messages are taken for the card of one attempt, or its post is answered meanwhile. The first one counts.
if (redis.call('HGET', copies, call.attempt) or '') ~= call.before then
  return answer(0)
end

-- Race: two attempts adopt one message, or it was just posted for another request. The first owner keeps it.
if call.stands then
  local owner = redis.call('GET', message)
  if owner and owner ~= call.attempt then
    return answer(0)
  end
  redis.call('SET', message, call.attempt, 'EX', call.seconds)
end

if call.after == '' then
  redis.call('HDEL', copies, call.attempt)
else
  redis.call('HSET', copies, call.attempt, call.after)
  redis.call('EXPIRE', copies, call.seconds)
end
plan_all(due, fence, bell, first_effect)
return answer(1)
