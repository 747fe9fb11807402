import { z } from 'zod'
import type { Clock } from '../../../common/clock.ts'
import { messageOf } from '../../../common/errors.ts'
import { insightTopic, maxInsightBody } from '../../../common/insight/insight-report.ts'
import type { InsightReport } from '../../../common/insight/insight-report.ts'
import type { Log } from '../../../common/log.ts'
import type { SpooledRecord } from '../../../common/spool/read-records.ts'
import { openSpool } from '../../../common/spool/spool.ts'

/**
 * What is told of servers on its way to the collector: on disk from soon after it was told until it is stored there, over restarts and
 * kill -9. What does not fit is dropped, the oldest first, and counted.
 */
export interface InsightOutbox extends AsyncDisposable {
  /** Never throws or waits. */
  tell(report: Omit<InsightReport, 'id'>): void
  /** The oldest that are not stored; the same ones again until they are. Never rejects. */
  next(): Promise<{ readonly reports: readonly InsightReport[]; readonly done: AbortSignal }>
  /** Resolves when there is something, or the signal aborts. */
  wait(signal: AbortSignal): Promise<void>
  stored(ids: readonly string[]): void
  stats(): InsightOutboxStats
}

export interface InsightOutboxStats {
  readonly waiting: number
  /** Counters since the start. */
  readonly stored: number
  /** Reports that the collector never gets: too large, without room, or on a damaged disk. */
  readonly dropped: number
}

/** A megabyte each, because the oldest file goes as a whole. */
const segmentBytes = 1 << 20
const collector = 'collector'
/** Of a report beside its body. */
const aroundBytes = 1024
const batch = { records: 16, bytes: maxInsightBody }

/** Under a month: what is older was told of a world that is gone. */
const maxAgeMs = 30 * 86_400_000

const keptReport = z.object({
  id: z.string(),
  server: z.string(),
  cluster: z.string(),
  topic: insightTopic,
  atMs: z.number(),
  body: z.unknown(),
})

/**
 * Opens the outbox and makes it whole after a crash.
 * @throws PgherdError DIRECTORY_LOCKED, DIRECTORY_UNUSABLE
 */
export async function openInsightOutbox(options: {
  readonly directory: string
  readonly maxBytes: number
  /** Different at each call, on every host. */
  readonly newId: () => string
  readonly clock: Clock
  readonly log: Log
}): Promise<InsightOutbox> {
  const { directory, maxBytes, clock, log } = options
  const spool = await openSpool({
    ...{ directory, maxBytes, maxAgeMs, segmentBytes, clock, log },
    readers: [collector],
  })
  const reader = spool.reader(collector)
  let stored = 0
  let dropped = 0
  let failed = false
  let current: { readonly waiting: Set<string>; readonly over: () => void } | undefined

  const drop = (report: Omit<InsightReport, 'id'>, why: string): void => {
    const { server, topic } = report
    if (dropped++ === 0) log.error({ server, topic }, `insight: a report was dropped: ${why}`)
  }
  const acknowledge = async (records: readonly SpooledRecord[], done: AbortController): Promise<void> => {
    await reader.acknowledge(records).catch((error: unknown) => {
      log.warn({ error: messageOf(error) }, 'insight: what is stored could not be noted')
    })
    done.abort(isStored)
  }

  return {
    tell(report) {
      try {
        const payload = Buffer.from(JSON.stringify({ ...report, id: options.newId() }))
        if (payload.length > maxInsightBody + aroundBytes) {
          drop(report, `it has ${payload.length} bytes; allowed: ${maxInsightBody}`)
          return
        }
        void spool
          .append({ timestampMs: report.atMs, payload })
          .catch((error: unknown) => drop(report, messageOf(error)))
      } catch (error) {
        // A body that is no JSON, such as one that contains itself.
        drop(report, messageOf(error))
      }
    },
    async next() {
      const done = new AbortController()
      try {
        for (;;) {
          const records = await reader.take(batch)
          const reports = records.flatMap((record) => readReport(record) ?? [])
          const waiting = new Set(reports.map(({ id }) => id))
          if (records.length > 0 && reports.length === 0) {
            dropped += records.length
            await reader.acknowledge(records)
            continue
          }
          current = { waiting, over: () => void acknowledge(records, done) }
          return { reports, done: done.signal }
        }
      } catch (error) {
        if (!failed) log.warn({ error: messageOf(error) }, 'insight: what is kept could not be read')
        failed = true
        return { reports: [], done: done.signal }
      }
    },
    wait: (signal) => reader.wait(signal),
    stored(ids) {
      if (current === undefined) return
      const { waiting, over } = current
      for (const id of ids) if (waiting.delete(id)) stored++
      if (waiting.size > 0) return
      current = undefined
      over()
    },
    stats() {
      const lost = spool.stats().readers[collector]
      return {
        waiting: reader.backlog().records,
        stored,
        dropped: dropped + (lost?.dropped.records ?? 0) + (lost?.corrupt.records ?? 0),
      }
    },
    [Symbol.asyncDispose]: () => spool[Symbol.asyncDispose](),
  }
}

/** Given as reason, because an abort without one makes an error with its stack. */
const isStored = Symbol('stored')

/** Undefined for what another release has written. */
function readReport({ payload }: SpooledRecord): InsightReport | undefined {
  try {
    const parsed = keptReport.safeParse(JSON.parse(Buffer.from(payload).toString('utf8')))
    return parsed.success ? parsed.data : undefined
  } catch {
    return undefined
  }
}
