import { packColumns, sliceColumns } from '../../../common/insight/index-columns.ts'
import type { IndexFactsBody, IndexLedgerBody } from '../../../common/insight/index-evidence.ts'
import type { IndexFacts } from './gather-facts.ts'
import type { Ledger } from './ledger.ts'

/** So many fit into a message even where nothing can be deflated. */
const maxRows = 12_000
/** Bytes of JSON of a body, far below what a message may have. */
const maxBytes = 250_000

/** What is told of a ledger, in as many parts as it needs. */
export function ledgerBodies(
  ledger: Ledger,
  about: Pick<IndexLedgerBody, 'database' | 'inRecovery' | 'intervalMs' | 'followers'>,
): readonly IndexLedgerBody[] {
  const { columns, system, atMs, beganMs, counts, gaps } = ledger
  const count = columns.oids.length
  const parts = Math.max(1, Math.ceil(count / maxRows))
  return Array.from({ length: parts }, (_, part) => {
    const from = part * maxRows
    const to = Math.min(count, from + maxRows)
    return {
      kind: 'ledger',
      ...about,
      ...{ system, atMs, beganMs, counts, part, parts },
      countersSinceMs: countersSince(ledger),
      gaps: gaps.map(([fromMs, toMs]): [number, number] => [fromMs, toMs]),
      count: to - from,
      columns: packColumns(sliceColumns(columns, from, to)),
    }
  })
}

/** Since when the server has counted without a loss; null where it does not tell. */
export function countersSince({ resets }: Pick<Ledger, 'resets'>): number | null {
  const { databaseMs, serverMs } = resets
  return databaseMs === null && serverMs === null ? null : Math.max(databaseMs ?? 0, serverMs ?? 0)
}

/** What is told of the facts, in as many parts as they need; at least one, which says that there are none. */
export function factsBodies(
  facts: IndexFacts,
  about: Pick<IndexFactsBody, 'database' | 'system' | 'atMs'>,
): readonly IndexFactsBody[] {
  const pieces: IndexFacts[] = [{ indexes: [], tables: facts.tables, foreignKeys: facts.foreignKeys }]
  let bytes = JSON.stringify(pieces).length
  for (const fact of facts.indexes) {
    const size = JSON.stringify(fact).length
    if (bytes + size > maxBytes) {
      pieces.push({ indexes: [], tables: [], foreignKeys: [] })
      bytes = 0
    }
    pieces.at(-1)?.indexes.push(fact)
    bytes += size
  }
  return pieces.map((piece, part) => ({ kind: 'facts', ...about, part, parts: pieces.length, ...piece }))
}
