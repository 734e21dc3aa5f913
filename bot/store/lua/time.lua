-- Return the time of the node that holds the tenant. In a cluster every node has its own.
-- KEYS 1 any key of the tenant
return redis.call('TIME')
