-- Write a small value, as a decision is written.
-- KEYS 1 probe
redis.call('SET', KEYS[1], '1', 'EX', cjson.decode(ARGV[1]).seconds)
