-- Replace one state of the sealing by another. Returns 1 or 0. After once.lua.
-- KEYS 2 sealed

-- Race: the sealer's lease ran out and another sealer has continued. What this one wrote does not count.
if (redis.call('GET', KEYS[2]) or '') ~= call.before then
  return answer(0)
end
redis.call('SET', KEYS[2], call.after)
return answer(1)
