import { packColumns } from '../../../../common/insight/index-columns.ts'
import type { IndexFact, IndexFactsBody, IndexLedgerBody } from '../../../../common/insight/index-evidence.ts'
import type { InsightReport } from '../../../../common/insight/insight-report.ts'

export const day = 86_400_000
export const hour = 3_600_000
export const nowMs = 1_790_000_000_000
export const database = { oid: 5, name: 'shop' }

/** An index that speeds up queries and does nothing else. */
export function factOf(change: Partial<IndexFact> = {}): IndexFact {
  return {
    ...{ oid: 101, schema: 'public', table: 'item', tableOid: 100, index: 'item_code', method: 'btree' },
    definition: 'CREATE INDEX item_code ON public.item USING btree (code)',
    ...{
      sizeBytes: 80_000_000,
      isUnique: false,
      isReplicaIdentity: false,
      isClustered: false,
      isValid: true,
    },
    ...{ isBeingBuilt: false, hasExpressions: false, isPartial: false, constraint: null, extension: null },
    ...{
      partOf: null,
      foreignKeys: [],
      parts: [],
      writesPerDay: 5_000,
      tableRows: 1_000_000,
      bloat: null,
      coveredBy: null,
    },
    ...change,
  }
}

export interface Row {
  readonly oid?: number
  readonly firstMs?: number
  readonly usedMs?: number
  readonly scans?: number
}

/** What a member tells that has looked for a hundred days, and has seen nobody use index 101. */
export function ledgerOf(
  rows: readonly Row[] = [{}],
  change: Partial<IndexLedgerBody> = {},
): IndexLedgerBody {
  const seconds = (ms: number | undefined): number => Math.ceil((ms ?? 0) / 1000)
  return {
    ...{ kind: 'ledger', database, system: '7000', inRecovery: true, atMs: nowMs - 60_000, intervalMs: hour },
    ...{
      beganMs: nowMs - 100 * day,
      countersSinceMs: nowMs - 200 * day,
      counts: true,
      gaps: [],
      followers: [],
    },
    ...{ part: 0, parts: 1, count: rows.length },
    columns: packColumns({
      oids: Uint32Array.from(rows, ({ oid }) => oid ?? 101),
      firstS: Uint32Array.from(rows, ({ firstMs }) => seconds(firstMs ?? nowMs - 100 * day)),
      usedS: Uint32Array.from(rows, ({ usedMs }) => seconds(usedMs)),
      scans: Float64Array.from(rows, ({ scans }) => scans ?? 0),
      fetched: Float64Array.from(rows, ({ scans }) => (scans ?? 0) * 10),
    }),
    ...change,
  }
}

export function factsOf(indexes: readonly IndexFact[], change: Partial<IndexFactsBody> = {}): IndexFactsBody {
  return {
    ...{ kind: 'facts', database, system: '7000', atMs: nowMs - 60_000, part: 0, parts: 1 },
    ...{ indexes: [...indexes], tables: [], foreignKeys: [] },
    ...change,
  }
}

export function reportOf(server: string, body: unknown): InsightReport {
  const cluster = server.replace(/-\d+$/, '')
  return { id: 'r1', server, cluster, topic: 'index-evidence', atMs: nowMs, body }
}
