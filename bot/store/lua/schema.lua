-- Return the store's schema if it is not ours, otherwise nil. An empty store gets ours.
local function other_schema(schema, number)
  local known = redis.call('GET', schema)
  if not known and redis.call('EXISTS', number) == 0 then
    redis.call('SET', schema, call.schema)
    return nil
  end
  return known ~= call.schema and (known or 'none') or nil
end
