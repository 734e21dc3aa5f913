-- Effects that belong to no decision. After once.lua and effects.lua.
-- KEYS 2 due, 3 fence, 4 bell, 5.. the effects
for place, planned in ipairs(call.planned) do
  plan(KEYS[2], KEYS[3], KEYS[4 + place], planned)
end
ring(KEYS[4])
return answer(#call.planned)
