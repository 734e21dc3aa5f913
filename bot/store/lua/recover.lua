-- Continue with a store that has lost its last entries, according to a witness. Returns 'recovering', 'whole' if
-- nothing is missing any more, or 'other' for another epoch.
-- After once.lua and effects.lua.
-- KEYS 2 epoch, 3 audit, 4 audit number, 5 brakes, 6 lost, 7 marks, 8 due, 9 fence, 10 bell, 11.. the effects
local epoch, audit, number, brakes, lost, marks = KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7]
local due, fence, bell, first_effect = KEYS[8], KEYS[9], KEYS[10], 11

if redis.call('GET', epoch) ~= call.epoch then
  return answer('other')
end
local last = tonumber(redis.call('GET', number) or 0)
local mark = tonumber(redis.call('HGET', marks, call.process) or 0)
if last >= call.number and mark >= call.mark then
  return answer('whole')
end
redis.call('HSET', marks, call.process, math.max(mark, call.mark))

-- The log has no gaps: an entry says for each of these numbers that its content was lost.
for missing = last + 1, call.number do
  redis.call('XADD', audit, missing .. '-0', 'entry', call.entry)
end
redis.call('SET', number, math.max(last, call.number))
if tonumber(redis.call('GET', fence) or 0) < call.fence then
  redis.call('SET', fence, call.fence)
end

-- Race: another replica remembers more, or less. Calls wait until the losses known to each of them were checked.
redis.call('HSETNX', brakes, call.pulls.name, call.pulls.brake)
redis.call('HINCRBY', lost, 'entries', math.max(call.number - last, call.known))
for _, request in ipairs(call.requests) do
  redis.call('HSET', lost, 'request:' .. request, 1)
end
for _, request in ipairs(call.ended) do
  redis.call('HSET', lost, 'ended:' .. request, 1)
end
plan_all(due, fence, bell, first_effect)
return answer('recovering')
