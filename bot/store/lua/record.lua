-- Store audit entries that belong to no decision. Returns the last audit number. After once.lua and audit.lua.
-- KEYS 2 audit, 3 audit number
note_all(KEYS[2], KEYS[3])
return answer(tonumber(redis.call('GET', KEYS[3]) or 0))
