export interface Sample<T> {
  /** Unix time in milliseconds at which it was asked. */
  readonly at: number
  readonly tookMs: number
  /** The answer; undefined when asking failed. */
  readonly value: T | undefined
  readonly error: string | undefined
}

export interface Sampler<T> extends AsyncDisposable {
  readonly samples: readonly Sample<T>[]
  /** The longest time between two questions: longer ones than the interval are blind spots. */
  longestPauseMs(): number
  /** The first sample asked at or after `from` whose answer satisfies. */
  firstWhere(from: number, satisfies: (value: T) => boolean): Sample<T> | undefined
  /** Ends asking and waits for what is under way. */
  stop(): Promise<void>
}

/**
 * Asks at a fixed beat and keeps every answer. A question does not wait for the one before, so `ask` has a deadline of
 * its own; when more than `limit` are under way, a beat is left out.
 */
export function startSampler<T>(options: {
  readonly ask: () => Promise<T>
  /** 100 unless told. */
  readonly intervalMs?: number
  /** 50 unless told. */
  readonly limit?: number
}): Sampler<T> {
  const { ask, intervalMs = 100, limit = 50 } = options
  const samples: Sample<T>[] = []
  const underWay = new Set<Promise<void>>()
  const question = async (): Promise<void> => {
    const at = Date.now()
    const started = performance.now()
    let value: T | undefined
    let error: string | undefined
    try {
      value = await ask()
    } catch (failure) {
      error = String(failure)
    }
    samples.push({ at, tookMs: performance.now() - started, value, error })
  }
  const timer = setInterval(() => {
    if (underWay.size >= limit) return
    const one = question().finally(() => underWay.delete(one))
    underWay.add(one)
  }, intervalMs)
  const stop = async (): Promise<void> => {
    clearInterval(timer)
    await Promise.all(underWay)
  }
  const inOrder = (): readonly Sample<T>[] => [...samples].sort((a, b) => a.at - b.at)
  return {
    samples,
    longestPauseMs() {
      const times = inOrder().map(({ at }) => at)
      return Math.max(0, ...times.slice(1).map((at, index) => at - times[index]!))
    },
    firstWhere: (from, satisfies) =>
      inOrder().find(({ at, value }) => at >= from && value !== undefined && satisfies(value)),
    stop,
    [Symbol.asyncDispose]: stop,
  }
}
