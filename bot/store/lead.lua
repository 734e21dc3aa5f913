-- Become or stay the one poller.
-- KEYS 1 poller    ARGV 1 replica, 2 lease ms
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then
  return 0
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
