-- Go on with a store that has lost its last entries, as somebody remembers. Answers what became of it: 'recovering',
-- 'whole' where nothing is missing any more, 'other' for another epoch.
-- After once.lua and effects.lua.
-- KEYS 2 epoch, 3 audit, 4 audit number, 5 brakes, 6 lost, 7 due, 8 fence, 9 bell, 10.. the effects
local epoch, audit, number, brakes, lost = KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local due, fence, bell, first_effect = KEYS[7], KEYS[8], KEYS[9], 10

if redis.call('GET', epoch) ~= call.epoch then
  return answer('other')
end
local last = tonumber(redis.call('GET', number) or 0)
if last >= call.number then
  return answer('whole')
end

-- The log has no gap: what stood under these numbers is gone, and that is recorded in its place.
for missing = last + 1, call.number do
  redis.call('XADD', audit, missing .. '-0', 'entry', call.entry)
end
redis.call('SET', number, call.number)
if tonumber(redis.call('GET', fence) or 0) < call.fence then
  redis.call('SET', fence, call.fence)
end

-- Race: another replica remembers more, or less. What each of them knows of is looked for before calls go on.
redis.call('HSETNX', brakes, call.pulls.name, call.pulls.brake)
redis.call('HINCRBY', lost, 'entries', call.number - last)
for _, request in ipairs(call.requests) do
  redis.call('HSET', lost, 'request:' .. request, 1)
end
plan_all(due, fence, bell, first_effect)
return answer('recovering')
