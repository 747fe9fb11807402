import type { Clock } from '../../common/clock.ts'

/** One query as a client sent it; an instant query has no step and ends where it starts. */
export interface LoggedQuery {
  readonly text: string
  readonly startMs: number
  readonly endMs: number
  readonly stepMs: number
  readonly remoteAddress: string
}

export interface RunningQuery extends LoggedQuery {
  readonly id: number
  readonly runningMs: number
}

export interface QueryFigures {
  readonly text: string
  readonly rangeMs: number
  readonly count: number
  readonly sumMs: number
}

/** Which queries run, and which have cost most. */
export interface QueryLog {
  /** @returns what to call when the query has ended */
  begin(query: LoggedQuery): () => void
  running(): readonly RunningQuery[]
  /** Queries that ended within the last `maxAgeMs`, by text and length of their range. */
  ended(maxAgeMs: number): readonly QueryFigures[]
}

/** How many ended queries are remembered, and how much of their texts: 4 MiB at most. */
const rememberedQueries = 4096
const rememberedText = 1024

export function createQueryLog(clock: Clock): QueryLog {
  let nextId = 1
  let nextPlace = 0
  const active = new Map<number, LoggedQuery & { readonly begunMs: number }>()
  const past: { text: string; rangeMs: number; tookMs: number; endedMs: number }[] = []
  return {
    begin(query) {
      const id = nextId++
      const begunMs = clock.monotonic()
      active.set(id, { ...query, text: shorten(query.text), begunMs })
      return () => {
        if (!active.delete(id)) return
        const endedMs = clock.monotonic()
        const rangeMs = query.endMs - query.startMs
        past[nextPlace] = { text: shorten(query.text), rangeMs, tookMs: endedMs - begunMs, endedMs }
        nextPlace = (nextPlace + 1) % rememberedQueries
      }
    },
    running() {
      const nowMs = clock.monotonic()
      return Array.from(active, ([id, query]) => ({ ...query, id, runningMs: nowMs - query.begunMs }))
    },
    ended(maxAgeMs) {
      const since = clock.monotonic() - maxAgeMs
      const figures = new Map<string, { text: string; rangeMs: number; count: number; sumMs: number }>()
      for (const { text, rangeMs, tookMs, endedMs } of past) {
        if (endedMs < since) continue
        const key = `${rangeMs} ${text}`
        const known = figures.get(key) ?? { text, rangeMs, count: 0, sumMs: 0 }
        known.count += 1
        known.sumMs += tookMs
        figures.set(key, known)
      }
      return [...figures.values()]
    },
  }
}

/** A copy: a slice would keep the whole text, which may be a megabyte, in memory. */
function shorten(text: string): string {
  return text.length <= rememberedText ? text : Buffer.from(text.slice(0, rememberedText)).toString()
}
