import type { SampleRow, SampleTable } from '../../../common/series/sample-table.ts'
import type { Counters } from './counters.ts'
import { edges } from './databases.ts'
import type { DatabaseSeries } from './databases.ts'
import type { Fingerprint } from './fingerprints.ts'
import { amountMetrics, durationMetric, longestMetric, partialMetric } from './metrics.ts'

/** All databases that are not told each for itself, and all statements that are not. No queryid reads so. */
export const otherDatabases = '(other)'
const otherStatements = 'other'

const bounds = [...edges.map(String), '+Inf']

/** What is told of statements. @param nameOf a database; undefined where it is gone */
export function statementTables(of: {
  readonly chosen: ReadonlySet<Fingerprint>
  readonly databases: readonly (readonly [number | undefined, DatabaseSeries])[]
  readonly partial: Counters
  readonly nameOf: (dbid: number) => string | undefined
}): readonly SampleTable[] {
  const statements: SampleRow[] = []
  const bucketRows: SampleRow[] = []
  const totalRows: SampleRow[] = []
  for (const { dbid, queryid, series, longest } of of.chosen) {
    const datname = of.nameOf(dbid)
    if (datname === undefined || series === undefined) continue
    const values = series.tell()
    values.push(longest > 0 ? longest : undefined)
    statements.push({ labels: [datname, queryid], values })
  }
  for (const [dbid, { others, durations }] of of.databases) {
    const datname = dbid === undefined ? otherDatabases : of.nameOf(dbid)
    if (datname === undefined) continue
    statements.push({ labels: [datname, otherStatements], values: others.tell() })
    const told = durations.tell()
    const seconds = told[bounds.length]
    if (seconds === undefined) continue
    let upTo = 0
    for (let i = 0; i < bounds.length; i++) {
      upTo += told[i] ?? 0
      bucketRows.push({ labels: [datname, bounds[i]!], values: [upTo] })
    }
    totalRows.push({ labels: [datname], values: [upTo, seconds] })
  }
  return [
    {
      metrics: [...amountMetrics, longestMetric],
      labelNames: ['datname', 'query'],
      rows: statements,
    },
    { metrics: [`${durationMetric}_bucket`], labelNames: ['datname', 'le'], rows: bucketRows },
    {
      metrics: [`${durationMetric}_count`, `${durationMetric}_sum`],
      labelNames: ['datname'],
      rows: totalRows,
    },
    { metrics: [partialMetric], labelNames: [], rows: [{ labels: [], values: of.partial.tell() }] },
  ]
}
