-- May a program of this schema touch the store? Answers the other schema, or nothing. By itself the same when it runs
-- twice. After once.lua and schema.lua.
-- KEYS 2 schema, 3 audit number
return other_schema(KEYS[2], KEYS[3]) or ''
