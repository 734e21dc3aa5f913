-- Use a nonce up. Answers what it was for, or nothing. After once.lua.
-- KEYS 2 nonce
local purpose = redis.call('GET', KEYS[2])

-- Race: two come with the same nonce. Only the first one finds it.
if not purpose then
  return false
end
redis.call('DEL', KEYS[2])
return answer(purpose)
