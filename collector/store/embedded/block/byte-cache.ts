/** Keeps what was used last, up to a number of bytes. */
export interface ByteCache<Key, Value> {
  get(key: Key): Value | undefined
  set(key: Key, value: Value, bytes: number): void
  delete(key: Key): void
}

/** @param onEvict is told about entries that had to make room or were deleted */
export function createByteCache<Key, Value>(
  maxBytes: number,
  onEvict: (value: Value) => void = () => undefined,
): ByteCache<Key, Value> {
  const entries = new Map<Key, { value: Value; bytes: number }>()
  let total = 0
  const remove = (key: Key): void => {
    const entry = entries.get(key)
    if (entry === undefined) return
    entries.delete(key)
    total -= entry.bytes
    onEvict(entry.value)
  }
  return {
    get(key) {
      const entry = entries.get(key)
      if (entry === undefined) return undefined
      // Moved to the end of the Map's order; its start is the least recently used.
      entries.delete(key)
      entries.set(key, entry)
      return entry.value
    },
    set(key, value, bytes) {
      remove(key)
      entries.set(key, { value, bytes })
      total += bytes
      for (const oldest of entries.keys()) {
        if (total <= maxBytes || oldest === key) break
        remove(oldest)
      }
    },
    delete: remove,
  }
}
