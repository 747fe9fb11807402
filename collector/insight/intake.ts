import type { DatabaseSync } from 'node:sqlite'
import type { Clock } from '../../common/clock.ts'
import { PgherdError, messageOf } from '../../common/errors.ts'
import { inTransaction } from '../../common/in-transaction.ts'
import { insightTopic } from '../../common/insight/insight-report.ts'
import type { InsightReport, ReceivedReport } from '../../common/insight/insight-report.ts'
import type { Log } from '../../common/log.ts'
import type { InsightBook } from './book.ts'

/** Where the agents' reports come in: each is taken once, from who may speak for its server, by the book of its topic. */
export interface InsightIntake {
  /**
   * Never throws.
   * @returns whether the agent need not keep it any longer: it is stored, was before, or never will be
   */
  take(node: string, report: ReceivedReport): boolean
  stats(): InsightIntakeStats
}

export interface InsightIntakeStats {
  readonly taken: Readonly<Record<string, number>>
  /** `foreign`: of a server that the agent may not speak for; `unknown`: of a topic of a newer agent; `malformed`; `failed`: to be tried again. */
  readonly refused: Readonly<Record<RefusalReason, number>>
  readonly repeated: number
}

type RefusalReason = 'foreign' | 'unknown' | 'malformed' | 'failed'

/** Of one node: far more than an agent has under way when its connection ends. */
const keptIds = 1_000
const forgetEvery = 100

export function createInsightIntake(options: {
  /** The fleet's; its migrations have made the tables. */
  readonly database: DatabaseSync
  readonly books: readonly InsightBook[]
  /** Whether an agent may speak for this member of this cluster. */
  readonly mayReport: (node: string, about: { readonly server: string; readonly cluster: string }) => boolean
  readonly clock: Clock
  readonly log: Log
}): InsightIntake {
  const { database, clock, log, mayReport } = options
  const books = new Map(options.books.map((book) => [book.topic, book]))
  const taken: Record<string, number> = Object.fromEntries([...books.keys()].map((topic) => [topic, 0]))
  const refused = { foreign: 0, unknown: 0, malformed: 0, failed: 0 }
  let repeated = 0
  const note = database.prepare(
    `INSERT INTO insight_taken (node, id, at_ms) VALUES (:node, :id, :atMs) ON CONFLICT (node, id) DO NOTHING`,
  )
  const forget = database.prepare(
    `DELETE FROM insight_taken
      WHERE node = :node
        AND seq <= (SELECT seq FROM insight_taken WHERE node = :node ORDER BY seq DESC LIMIT 1 OFFSET :keep)`,
  )
  let sinceForgetting = 0

  const refuse = (node: string, report: ReceivedReport, reason: RefusalReason, why: string): boolean => {
    const { server, topic } = report
    if (refused[reason]++ === 0) log.warn({ node, server, topic }, `insight: a report was refused: ${why}`)
    return reason !== 'failed'
  }
  /** @returns false when it was taken before */
  const store = (node: string, report: InsightReport, book: InsightBook): boolean =>
    inTransaction(database, () => {
      const isNew = note.run({ node, id: report.id, atMs: clock.now() }).changes > 0
      if (isNew) book.take(report, node)
      if (++sinceForgetting >= forgetEvery) {
        forget.run({ node, keep: keptIds })
        sinceForgetting = 0
      }
      return isNew
    })

  return {
    take(node, report) {
      const topic = insightTopic.safeParse(report.topic).data
      const book = topic === undefined ? undefined : books.get(topic)
      if (topic === undefined || book === undefined) {
        return refuse(node, report, 'unknown', 'nobody keeps its topic here')
      }
      if (!mayReport(node, report)) {
        return refuse(node, report, 'foreign', 'its agent may not speak for that server')
      }
      try {
        if (store(node, { ...report, topic }, book)) taken[topic] = (taken[topic] ?? 0) + 1
        else repeated++
        return true
      } catch (error) {
        const isMalformed = error instanceof PgherdError && error.code === 'BAD_DATA'
        return refuse(node, report, isMalformed ? 'malformed' : 'failed', messageOf(error))
      }
    },
    stats: () => ({ taken, refused, repeated }),
  }
}
