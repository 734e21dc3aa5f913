-- Race: an effect is planned again while a replica performs it. The new token fences that replica off, so its `done`
-- cannot delete the later plan. Tokens come from one counter that outlives the effects, so none is given twice.
local function plan(due, fence, effect, planned)
  redis.call('HSET', effect, 'body', planned.body, 'attempt', 0, 'excused', 0, 'token', redis.call('INCR', fence))
  redis.call('ZADD', due, planned.due, planned.id)
end

-- Every waiting replica gets the ring, and a busy one reads it later: reading a stream does not consume it.
local function ring(bell)
  redis.call('XADD', bell, 'MAXLEN', 1, '*', 'planned', 1)
end

-- Plan all effects of the call. Their keys are in the same order, from `first_effect` on.
local function plan_all(due, fence, bell, first_effect)
  for place, planned in ipairs(call.planned) do
    plan(due, fence, KEYS[first_effect + place - 1], planned)
  end
  if #call.planned > 0 then
    ring(bell)
  end
end

-- Count the attempts that failed or never ended. Attempts that failed because a neighbour was down are excused.
local function in_vain(effect)
  return tonumber(redis.call('HGET', effect, 'attempt')) - tonumber(redis.call('HGET', effect, 'excused') or 0)
end

-- Keep the body, so that the effect can be planned again when the cause is gone.
local function bury(due, effect, dead, id, why, since)
  local body = redis.call('HGET', effect, 'body') or ''
  redis.call('HSET', dead, id, cjson.encode({id = id, why = why, since = since, body = body}))
  redis.call('DEL', effect)
  redis.call('ZREM', due, id)
end
