-- Remember a card, what is recorded of it and what follows from it, all of it or nothing; a finished post takes the
-- place of its own beginning. After once.lua, audit.lua and effects.lua.
-- KEYS 2 copies, 3 request, 4 audit, 5 audit number, 6 due, 7 fence, 8 bell, 9.. the effects
local copies, request, audit, number, due, fence, bell = KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7], KEYS[8]
local first_effect = 9

redis.call('HSET', copies, call.field, call.copy)
if call.begun ~= call.field then
  redis.call('HDEL', copies, call.begun)
end
redis.call('EXPIRE', copies, call.seconds)
for _, entry in ipairs(call.entries) do
  note(audit, number, entry)
end

-- Race: the request is decided while its card is on the way, and all cards are redrawn but this one, which is not known
-- yet. Nothing follows where the card shows the present.
if #call.planned > 0 and tonumber(redis.call('HGET', request, 'revision') or 0) ~= call.drawn_from then
  for place, planned in ipairs(call.planned) do
    plan(due, fence, KEYS[first_effect + place - 1], planned)
  end
  ring(bell)
end
return answer(1)
