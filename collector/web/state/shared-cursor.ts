/** The instant under the pointer, the same on all charts; null when the pointer is on none. */
export interface SharedCursor {
  /** Seconds since the epoch. */
  readonly at: number | null
  move(at: number | null): void
  /** Calls `listener` on every move until the returned function is called. */
  subscribe(listener: (at: number | null) => void): () => void
}

export function sharedCursor(): SharedCursor {
  const listeners = new Set<(at: number | null) => void>()
  let current: number | null = null
  return {
    get at() {
      return current
    },
    move: (at) => {
      if (at === current) return
      current = at
      for (const listener of listeners) listener(at)
    },
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
