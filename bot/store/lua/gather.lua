-- Add a notice for a recipient, and plan its delivery. After once.lua and effects.lua.
-- KEYS 2 notices, 3 due, 4 fence, 5 bell, 6 effect
local notices, due, fence, bell, effect = KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]

redis.call('HSETNX', notices, call.notice, call.at)
redis.call('EXPIRE', notices, call.seconds)

-- Race: a notice is added while the others are being delivered. The new token keeps that delivery's `done` from
-- deleting the plan. The first notice sets the time of delivery; later ones do not delay it. A patient notice waits for
-- the planned delivery, whenever that is.
local first = tonumber(redis.call('ZSCORE', due, call.planned.id))
if first and (call.patient or first < call.planned.due) then
  call.planned.due = first
end
plan(due, fence, effect, call.planned)
ring(bell)
return answer(1)
