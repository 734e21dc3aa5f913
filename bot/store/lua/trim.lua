-- Delete old sealed audit entries. Returns how many. After once.lua.
-- KEYS 2 audit
return answer(redis.call('XTRIM', KEYS[2], 'MINID', call.below))
