-- Race: an effect is planned again while somebody is doing it. The new token fences that one off, so its `done` cannot
-- swallow the later plan. Tokens come from one counter that outlives the effect, so none is ever given twice.
local function plan(due, fence, effect, planned)
  redis.call('HSET', effect, 'body', planned.body, 'attempt', 0, 'excused', 0, 'token', redis.call('INCR', fence))
  redis.call('ZADD', due, planned.due, planned.id)
end

-- Everybody who waits hears it, and who is busy finds it later: a stream is read, not consumed.
local function ring(bell)
  redis.call('XADD', bell, 'MAXLEN', 1, '*', 'planned', 1)
end

-- Everything that follows from the call. The keys of the effects stand in its order, from this one on.
local function plan_all(due, fence, bell, first_effect)
  for place, planned in ipairs(call.planned) do
    plan(due, fence, KEYS[first_effect + place - 1], planned)
  end
  if #call.planned > 0 then
    ring(bell)
  end
end

-- What was begun and came to nothing by its own doing, or by what killed whoever did it. A neighbour's outage is excused.
local function in_vain(effect)
  return tonumber(redis.call('HGET', effect, 'attempt')) - tonumber(redis.call('HGET', effect, 'excused') or 0)
end

-- Its body stays, so that it can be planned again when what was in its way is gone.
local function bury(due, effect, dead, id, why, since)
  local body = redis.call('HGET', effect, 'body') or ''
  redis.call('HSET', dead, id, cjson.encode({id = id, why = why, since = since, body = body}))
  redis.call('DEL', effect)
  redis.call('ZREM', due, id)
end
