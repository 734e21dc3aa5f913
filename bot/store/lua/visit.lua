-- Check whether a program of this schema may use the store. Returns the other schema, or nothing. Idempotent.
-- After once.lua and schema.lua.
-- KEYS 2 schema, 3 audit number
return other_schema(KEYS[2], KEYS[3]) or ''
