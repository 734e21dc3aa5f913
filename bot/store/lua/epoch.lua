-- Return how the store differs from what a process remembers; nil if it does not.
-- Race: the store was replaced by an older one after the last check. So it is compared in the step that writes.
-- Race: another process has written since the loss, so the number may be higher than before. Our mark is not.
local function unlike(epoch, number, marks, remembered)
  if not remembered then
    return nil -- a shell remembers nothing
  end
  if redis.call('GET', epoch) ~= remembered.epoch then
    return 'other-epoch'
  end
  if tonumber(redis.call('GET', number) or 0) < remembered.number then
    return 'went-back'
  end
  if tonumber(redis.call('HGET', marks, remembered.process) or 0) < remembered.mark then
    return 'went-back'
  end
  return nil
end
