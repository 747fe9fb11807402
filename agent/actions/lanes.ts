/** Work that waits for its turn. */
export interface Job {
  readonly id: string
  /** Jobs with the same one never run at the same time; undefined for what changes nothing. */
  readonly lock: string | undefined
  /** Resolves when the lock may be given to the next one. Never rejects. */
  run(): Promise<void>
  /** Told once when it cannot start at once. */
  waits(behind: string): void
}

export interface Lanes {
  readonly waiting: number
  readonly running: number
  /** Runs it when its turn has come. */
  add(job: Job): void
  /** Keeps jobs with that lock waiting, without being one that runs. @returns what ends it */
  hold(lock: string): () => void
  /** Takes out one that has not begun. */
  remove(id: string): boolean
}

/** At most so many jobs at a time, first come first served, and one per lock. */
export function createLanes(maxRunning: number): Lanes {
  const waiting: Job[] = []
  const running = new Set<Job>()
  const held = new Map<symbol, string>()

  const blocker = (job: Job, ahead: readonly Job[]): string | undefined => {
    const { lock } = job
    if (lock !== undefined) {
      if ([...held.values()].includes(lock)) return `an action on ${lock} that is being undone`
      const holder = [...running, ...ahead].find((other) => other.lock === lock)
      if (holder !== undefined) return `an action on ${lock} that came before`
    }
    return running.size >= maxRunning ? `one of the ${maxRunning} actions that may run at a time` : undefined
  }
  const start = (job: Job) => {
    running.add(job)
    void job.run().finally(() => {
      running.delete(job)
      next()
    })
  }
  const next = () => {
    for (let at = 0; at < waiting.length;) {
      const job = waiting[at]!
      if (blocker(job, waiting.slice(0, at)) === undefined) {
        waiting.splice(at, 1)
        start(job)
      } else at++
    }
  }
  return {
    get waiting() {
      return waiting.length
    },
    get running() {
      return running.size
    },
    add(job) {
      const behind = blocker(job, waiting)
      if (behind === undefined) {
        start(job)
        return
      }
      waiting.push(job)
      job.waits(behind)
    },
    hold(lock) {
      const key = Symbol(lock)
      held.set(key, lock)
      return () => {
        if (held.delete(key)) next()
      }
    },
    remove(id) {
      const at = waiting.findIndex((job) => job.id === id)
      if (at >= 0) waiting.splice(at, 1)
      return at >= 0
    },
  }
}
