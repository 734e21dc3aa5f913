-- Record a refusal that belongs to no request. After once.lua and audit.lua.
-- KEYS 2 audit, 3 audit number, 4 refusals of that person in that minute
if not flooded(KEYS[2], KEYS[3], KEYS[4]) then
  note(KEYS[2], KEYS[3], call.entry)
end
return answer(1)
