import type { Clock } from '../../../common/clock.ts'
import type { ActionOutput } from '../../../common/command/result.ts'
import type { RecentSample } from '../../../common/insight/recent-sample.ts'
import type { ActionSession } from '../../postgres/action-session.ts'
import { toOutputTable } from '../output-table.ts'
import type { OutputTable } from '../output-table.ts'

/** One thing that `show` shows. It reads, waits for no lock, and is bounded in rows and time. */
export interface Report {
  readonly name: string
  /** One line for a person. */
  readonly what: string
  read(context: ReportContext): Promise<readonly ActionOutput[]>
}

export interface ReportContext {
  readonly session: ActionSession
  /** Rows of a table. */
  readonly limit: number
  /** How far back into the WAL a report looks that reads it. */
  readonly megabytes: number
  /** What sessions worked since then, as the host keeps it; without it nobody looks. */
  readonly recentSessions?: ((sinceMs: number) => Promise<readonly RecentSample[]>) | undefined
  readonly clock: Clock
  readonly signal: AbortSignal
}

/** Of one statement of a report, on the server. */
export const reportTimeoutMs = 5_000

/** A table from SQL whose $1 is a limit of rows. @throws PgherdError of `ActionSession.read` */
export async function readTable(
  { session, limit }: ReportContext,
  about: { readonly title: string; readonly text: string; readonly right?: readonly string[] },
): Promise<OutputTable> {
  const result = await session.read({ text: about.text, values: [String(limit + 1)] }, reportTimeoutMs)
  return toOutputTable(result, { ...about, limit })
}

/** The table, or a sentence in place of an empty one. */
export function unlessEmpty(table: OutputTable, sentence: string): ActionOutput {
  return table.rows.length > 0 ? table : { type: 'text', title: table.title, lines: [sentence] }
}
