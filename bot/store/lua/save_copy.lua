-- Remember a card, what is recorded of it and what follows from it, all of it or nothing; a finished post takes the
-- place of its own beginning. After once.lua, audit.lua and effects.lua.
-- KEYS 2 copies, 3 message, 4 request, 5 audit, 6 audit number, 7 due, 8 fence, 9 bell, 10.. the effects
local copies, message, request, audit, number = KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local due, fence, bell, first_effect = KEYS[7], KEYS[8], KEYS[9], 10

redis.call('HSET', copies, call.attempt, call.copy)
redis.call('EXPIRE', copies, call.seconds)
note_all(audit, number)

-- Race: while the answer of a post is under way, somebody's click has called this message a copy of another request,
-- and it may have been drawn as that. Teams' own answer says whose it is, and it has to be drawn anew.
local overdrawn = false
if call.stands then
  local owner = redis.call('GET', message)
  overdrawn = owner and owner ~= call.attempt
  redis.call('SET', message, call.attempt, 'EX', call.seconds)
end

-- Race: the request is decided while its card is on the way, and all cards are redrawn but this one, which is not known
-- yet. Where the card shows the present, the last of what is planned does not follow: it would draw the same again.
local revision = tonumber(redis.call('HGET', request, 'revision') or 0)
if not overdrawn and revision == call.drawn_from then
  for _ = 1, call.if_stale do
    table.remove(call.planned)
  end
end
plan_all(due, fence, bell, first_effect)
return answer(1)
