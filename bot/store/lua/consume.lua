-- Use a nonce up. Returns its purpose, or nothing. After once.lua.
-- KEYS 2 nonce
local purpose = redis.call('GET', KEYS[2])

-- Race: two callers use the same nonce. Only the first one finds it.
if not purpose then
  return false
end
redis.call('DEL', KEYS[2])
return answer(purpose)
