-- Continue the numbers from the end of a log that this store no longer knows. Returns 1, or 0 if something changed
-- meanwhile. After once.lua.
-- KEYS 2 sealed, 3 audit, 4 audit number, 5 epoch
local sealed, audit, number, epoch = KEYS[2], KEYS[3], KEYS[4], KEYS[5]

-- Race: the bot may write entries, and a sealer may seal, while the log is being read.
if (redis.call('GET', sealed) or '') ~= call.before or tonumber(redis.call('GET', number) or '0') ~= call.last then
  return answer(0)
end
-- Race: a replica has started another epoch meanwhile.
if (redis.call('GET', epoch) or '') ~= call.epoch_before then
  return answer(0)
end

-- The numbers start again lower, so this is a new epoch: a witness of higher numbers must not see a loss.
redis.call('SET', epoch, call.epoch_after)

local fresh = {}
for _, one in ipairs(call.fresh) do
  fresh[one .. '-0'] = true
end

-- A stream takes no number below its last one, so it is rewritten: first the entries that the log has, then the others.
local rows, later = redis.call('XRANGE', audit, '-', '+'), {}
redis.call('DEL', audit)
for _, row in ipairs(rows) do
  if fresh[row[1]] then
    later[#later + 1] = row[2][2]
  else
    redis.call('XADD', audit, row[1], 'entry', row[2][2])
  end
end
for place, entry in ipairs(later) do
  redis.call('XADD', audit, (call.number + place) .. '-0', 'entry', entry)
end
redis.call('SET', number, call.number + #later)
if call.after == '' then
  redis.call('DEL', sealed)
else
  redis.call('SET', sealed, call.after)
end
return answer(1)
