-- Store a decision: state, audit, effects and the click, all or nothing.
-- KEYS 1 request, 2 audit, 3 audit sequence, 4 due, 5 bell, 6 open, 7 config, 8 once, 9 intune, 10 refusals, 11.. effects
-- A request without an Intune id, or a refusal of nobody, names the request itself as KEYS 9 or 10.
-- ARGV 1 expected revision, 2 changed, 3 state, 4 schema, 5 config digest, 6 fingerprint, 7 notice, 8 once TTL,
--      9 answer to a repetition, 10 request id, 11 ended, 12 ended TTL, 13 most refusals, 14 refusal window,
--      15 count of entries, entries.., then (effect id, due ms, body) per effect
local request, audit, sequence, due, bell, open = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local changed = ARGV[2] == '1'

-- A replica with another configuration must not decide, however late its answer comes.
if redis.call('GET', KEYS[7]) ~= ARGV[5] then
  return {'other-config', ''}
end

-- The same click again, or our own retry after a lost answer: the first result stands.
local seen = redis.call('HMGET', KEYS[8], 'fingerprint', 'notice')
if seen[1] then
  if seen[1] ~= ARGV[6] then
    return {'forged', ''}
  end
  return {ARGV[9], seen[2]}
end

if changed then
  local revision = redis.call('HGET', request, 'revision') or '0'
  if revision ~= ARGV[1] then
    return {'conflict', ''}
  end
  -- Two replicas meet the same new Intune request: the first id wins.
  if KEYS[9] ~= request and (redis.call('GET', KEYS[9]) or ARGV[10]) ~= ARGV[10] then
    return {'conflict', ''}
  end
  redis.call('HSET', request, 'revision', revision + 1, 'schema', ARGV[4], 'state', ARGV[3])
  if KEYS[9] ~= request then
    redis.call('SET', KEYS[9], ARGV[10])
  end
  if ARGV[11] == '1' then
    redis.call('ZREM', open, ARGV[10])
    redis.call('EXPIRE', request, ARGV[12])
    redis.call('EXPIRE', KEYS[9], ARGV[12])
  else
    redis.call('ZADD', open, 0, ARGV[10])
    redis.call('PERSIST', request)
  end
end

-- Refusals are audited too, but nobody can fill the log with them.
local entries, audited = tonumber(ARGV[15]), true
if not changed and KEYS[10] ~= request then
  local count = redis.call('INCR', KEYS[10])
  if count == 1 then
    redis.call('EXPIRE', KEYS[10], ARGV[14])
  end
  audited = count <= tonumber(ARGV[13])
end
for number = 1, entries do
  if audited then
    local place = redis.call('INCR', sequence)
    redis.call('XADD', audit, place .. '-0', 'entry', ARGV[15 + number])
  end
end

-- Planned anew: the later plan's time counts, and a replica that is doing the old one loses its token.
local at = 16 + entries
for number = 11, #KEYS do
  redis.call('HSET', KEYS[number], 'body', ARGV[at + 2], 'attempt', 0)
  redis.call('HINCRBY', KEYS[number], 'token', 1)
  redis.call('ZADD', due, ARGV[at + 1], ARGV[at])
  at = at + 3
end
if #KEYS > 10 then
  redis.call('DEL', bell)
  redis.call('RPUSH', bell, 1)
  redis.call('EXPIRE', bell, 60)
end

redis.call('HSET', KEYS[8], 'fingerprint', ARGV[6], 'notice', ARGV[7])
redis.call('EXPIRE', KEYS[8], ARGV[8])
return {'saved', ''}
