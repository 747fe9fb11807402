/** What an engine has under way. Disposing ends it, and waits for it. */
export interface WorkScope extends AsyncDisposable {
  /** Does a piece of work whose signal aborts with the caller's and with the scope's end. */
  readonly until: <T>(signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>) => Promise<T>
}

export function createWorkScope(): WorkScope {
  const closing = new AbortController()
  const running = new Set<Promise<unknown>>()
  const until: WorkScope['until'] = async (signal, work) => {
    const working = work(AbortSignal.any([signal, closing.signal]))
    running.add(working)
    try {
      return await working
    } finally {
      running.delete(working)
    }
  }
  return {
    until,
    async [Symbol.asyncDispose]() {
      closing.abort()
      await Promise.allSettled(running)
    },
  }
}
