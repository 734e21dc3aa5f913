-- Race: two replicas write an entry at the same time. The number is given here, so there are no gaps or duplicates.
local function note(audit, number, entry)
  redis.call('XADD', audit, redis.call('INCR', number) .. '-0', 'entry', entry)
end

local function note_all(audit, number)
  for _, entry in ipairs(call.entries) do
    note(audit, number, entry)
  end
end

-- Refusals are audited too, but cannot fill the log: at the limit one entry says so, and no more follow.
local function flooded(audit, number, refusals)
  local count = redis.call('INCR', refusals)
  redis.call('EXPIRE', refusals, call.refusals_seconds)
  if count == call.most_refusals + 1 then
    note(audit, number, call.flood)
  end
  return count > call.most_refusals
end
