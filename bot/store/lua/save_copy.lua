-- Store a copy, its audit entries and its effects, all or nothing. A finished post replaces its unfinished record.
-- After once.lua, audit.lua and effects.lua.
-- KEYS 2 copies, 3 message, 4 request, 5 audit, 6 audit number, 7 due, 8 fence, 9 bell, 10.. the effects
local copies, message, request, audit, number = KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local due, fence, bell, first_effect = KEYS[7], KEYS[8], KEYS[9], 10

redis.call('HSET', copies, call.attempt, call.copy)
redis.call('EXPIRE', copies, call.seconds)
note_all(audit, number)

-- Race: before the answer to a post arrives, a click makes this message a copy of another request, and it may have been
-- redrawn as that. Teams' answer says which request it belongs to, so it has to be redrawn.
local overdrawn = false
if call.stands then
  local owner = redis.call('GET', message)
  overdrawn = owner and owner ~= call.attempt
  redis.call('SET', message, call.attempt, 'EX', call.seconds)
end

-- Race: the request is decided while its card is being posted. All other cards are redrawn, but not this unknown one.
-- If the card already shows the current state, the last `if_stale` effects are dropped: they would draw the same again.
local revision = tonumber(redis.call('HGET', request, 'revision') or 0)
if not overdrawn and revision == call.drawn_from then
  for _ = 1, call.if_stale do
    table.remove(call.planned)
  end
end
plan_all(due, fence, bell, first_effect)
return answer(1)
