import { indexFindings } from '../../../common/insight/index-view.ts'
import type { IndexFindingKind } from '../../../common/insight/index-view.ts'
import type { IndexFact } from '../../../common/insight/index-evidence.ts'
import type { SampleRow, SampleTable } from '../../../common/series/sample-table.ts'
import type { IndexFacts } from './gather-facts.ts'
import { indexMetrics } from './metrics.ts'

type Sums = Readonly<Record<IndexFindingKind, { readonly count: number; readonly bytes: number }>>

/** How much of each finding a database has. */
export function sumFindings(facts: IndexFacts, candidates: ReadonlySet<number>): Sums {
  const { indexes, tables, foreignKeys } = facts
  const sum = (
    chosen: readonly IndexFact[],
    bytesOf: (fact: IndexFact) => number = ({ sizeBytes }) => sizeBytes,
  ): Sums[IndexFindingKind] => ({
    count: chosen.length,
    bytes: chosen.reduce((bytes, fact) => bytes + bytesOf(fact), 0),
  })
  const covered = indexes.filter(({ coveredBy }) => coveredBy !== null)
  return {
    unused: sum(
      indexes.filter(
        (fact) => (candidates.has(fact.oid) || fact.parts.length > 0) && servesQueriesOnly(fact),
      ),
    ),
    duplicate: sum(covered.filter(({ coveredBy }) => coveredBy?.isEqual === true)),
    redundant: sum(covered.filter(({ coveredBy }) => coveredBy?.isEqual === false)),
    invalid: sum(indexes.filter(({ isValid, isBeingBuilt }) => !isValid && !isBeingBuilt)),
    bloated: sum(
      indexes.filter(({ bloat }) => bloat !== null),
      ({ sizeBytes, bloat }) => sizeBytes * (bloat ?? 0),
    ),
    missing: {
      count: tables.length + foreignKeys.length,
      bytes: [...tables, ...foreignKeys].reduce((bytes, { sizeBytes }) => bytes + sizeBytes, 0),
    },
  }
}

/** Nothing but the use by queries speaks for it. */
function servesQueriesOnly(fact: IndexFact): boolean {
  return (
    fact.isValid &&
    !(fact.isUnique || fact.isReplicaIdentity || fact.isClustered || fact.hasExpressions) &&
    fact.constraint === null &&
    fact.extension === null &&
    fact.partOf === null &&
    fact.foreignKeys.length === 0
  )
}

/** The same table is given until the next look. */
export function findingsTable(databases: ReadonlyMap<string, Sums>): SampleTable {
  const rows: SampleRow[] = []
  for (const [name, sums] of databases) {
    for (const finding of indexFindings) {
      const { count, bytes } = sums[finding]
      rows.push({ labels: [name, finding], values: [count, bytes] })
    }
  }
  return { metrics: indexMetrics.map(({ name }) => name), labelNames: ['datname', 'finding'], rows }
}
