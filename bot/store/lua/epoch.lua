-- What is wrong with a store, for somebody who remembers more of it; nothing where it is as they left it.
-- Race: the store was replaced by an older one since they have last looked. So it is compared in the step that writes.
local function unlike(epoch, number, remembered)
  if not remembered then
    return nil -- a shell remembers nothing
  end
  if redis.call('GET', epoch) ~= remembered.epoch then
    return 'other-epoch'
  end
  if tonumber(redis.call('GET', number) or 0) < remembered.number then
    return 'went-back'
  end
  return nil
end
