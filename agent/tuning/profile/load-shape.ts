import type { Evidence } from '../evidence/evidence.ts'

/** What a server does, in the shares that tell profiles apart. Undefined is what nobody has measured. */
export interface LoadShape {
  readonly hours: number
  readonly transactions: number
  readonly transactionsPerSecond: number
  /** Of the time of all statements: in those that take more than a second in the mean. */
  readonly slowShare: number | undefined
  readonly executionSeconds: number | undefined
  /** Of what is read: by scans of whole tables. Since 16 of the pages that shared_buffers did not have, else of rows. */
  readonly scannedShare: number | undefined
  /** Of the rows that are written, or read by an index. */
  readonly writtenShare: number | undefined
}

export function loadShapeOf(evidence: Evidence): LoadShape {
  const grown = (name: string): number | undefined => evidence.increase(name)
  const rate = (name: string): number => evidence.perSecond(name) ?? 0
  const executed = grown('statements.exec_time')
  const written = sum(
    grown('database.tup_inserted'),
    grown('database.tup_updated'),
    grown('database.tup_deleted'),
  )
  return {
    hours: evidence.hours,
    transactions: sum(grown('database.xact_commit'), grown('database.xact_rollback')) ?? 0,
    transactionsPerSecond: rate('database.xact_commit') + rate('database.xact_rollback'),
    slowShare: share(grown('statements.slow_exec_time'), executed),
    executionSeconds: executed === undefined ? undefined : executed / 1000,
    scannedShare: scannedShare(grown),
    writtenShare: share(written, sum(written, grown('database.tup_fetched'))),
  }
}

function scannedShare(grown: (name: string) => number | undefined): number | undefined {
  const bulk = grown('io.bulk_reads')
  const [returned, fetched] = [grown('database.tup_returned'), grown('database.tup_fetched')]
  const scanned = returned === undefined ? undefined : Math.max(0, returned - (fetched ?? 0))
  // Where everything is in shared_buffers no page says anything, and rows do.
  return share(bulk, sum(bulk, grown('io.reads'))) ?? share(scanned, returned)
}

function share(part: number | undefined, whole: number | undefined): number | undefined {
  return part === undefined || whole === undefined || whole <= 0 ? undefined : Math.min(1, part / whole)
}

/** Undefined where nothing is known of any of them. */
function sum(...values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined)
  return known.length === 0 ? undefined : known.reduce((total, value) => total + value, 0)
}
