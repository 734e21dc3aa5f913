-- Plan effects that belong to no decision. After once.lua and effects.lua.
-- KEYS 2 due, 3 fence, 4 bell, 5.. the effects
plan_all(KEYS[2], KEYS[3], KEYS[4], 5)
return answer(#call.planned)
