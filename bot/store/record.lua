-- Audit entries that belong to no decision. A lost answer must not number them twice.
-- KEYS 1 audit, 2 audit sequence, 3 write    ARGV 1 write TTL, entries..
if not redis.call('SET', KEYS[3], 1, 'NX', 'EX', ARGV[1]) then
  return 0
end
for number = 2, #ARGV do
  local place = redis.call('INCR', KEYS[2])
  redis.call('XADD', KEYS[1], place .. '-0', 'entry', ARGV[number])
end
return #ARGV - 1
