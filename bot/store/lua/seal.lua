-- Put one state of the sealing in the place of another. Answers 1 or 0. After once.lua.
-- KEYS 2 sealed

-- Race: the sealer's lease ran out and another one has gone on. What this one wrote counts for nothing.
if (redis.call('GET', KEYS[2]) or '') ~= call.before then
  return answer(0)
end
redis.call('SET', KEYS[2], call.after)
return answer(1)
