-- Answer the epoch of the store, or nothing, and the last audit number, of one moment. It writes nothing.
-- KEYS 1 epoch, 2 audit number
return {redis.call('GET', KEYS[1]) or '', tonumber(redis.call('GET', KEYS[2]) or 0)}
