import type { DatabaseSync } from 'node:sqlite'
import { bareForeignKey, indexFact, scannedTable } from '../../../common/insight/index-evidence.ts'
import type { BareForeignKey, IndexFact, ScannedTable } from '../../../common/insight/index-evidence.ts'
import { createMemberLedger, ledgerAbout } from './member-ledger.ts'
import type { MemberLedger } from './member-ledger.ts'

/** A database of which a primary has told what its indexes are. */
export interface ToldDatabase {
  readonly cluster: string
  readonly database: string
  readonly databaseOid: number
  /** The primary, and pg_control's identifier of its system. */
  readonly server: string
  readonly system: string
  readonly atMs: number
  readonly indexes: readonly { readonly fact: IndexFact; readonly wasValid: boolean }[]
  readonly tables: readonly ScannedTable[]
  readonly foreignKeys: readonly BareForeignKey[]
}

/** What the agents have told of indexes, as it was kept. */
export interface KeptEvidence {
  /** By cluster and name; all unless told. */
  databases(query: { readonly cluster?: string; readonly database?: string }): readonly ToldDatabase[]
  /** Of the members that have told of a database, by their ins labels. */
  ledgers(cluster: string, databaseOid: number): ReadonlyMap<string, MemberLedger>
  /** Members that have ever told of a cluster, with their nodes. */
  members(cluster: string): readonly { readonly server: string; readonly node: string }[]
  /** Clusters of which any member has told. */
  clusters(): readonly string[]
}

export function createKeptEvidence(database: DatabaseSync): KeptEvidence {
  const readFacts = database.prepare(
    `SELECT cluster, database, database_oid, server, system, look_ms, kind, was_valid, fact
       FROM index_facts
      WHERE (:cluster = '' OR cluster = :cluster) AND (:database = '' OR database = :database)
      ORDER BY cluster, database, database_oid, kind, oid`,
  )
  const readLedgers = database.prepare(
    `SELECT server, count, about, columns
       FROM index_ledgers
      WHERE cluster = :cluster AND database_oid = :databaseOid
      ORDER BY server, part`,
  )
  const readMembers = database.prepare(
    'SELECT server, max(node) AS node FROM index_ledgers WHERE cluster = :cluster GROUP BY server ORDER BY server',
  )
  const readClusters = database.prepare('SELECT DISTINCT cluster FROM index_ledgers ORDER BY cluster')

  return {
    databases({ cluster = '', database: name = '' }) {
      const found = new Map<string, Mutable>()
      for (const row of readFacts.all({ cluster, database: name })) {
        const key = `${String(row['cluster'])}\n${String(row['database_oid'])}`
        const told = found.get(key) ?? begin(row)
        found.set(key, told)
        const fact: unknown = JSON.parse(String(row['fact']))
        if (row['kind'] === 'index') {
          told.indexes.push({ fact: indexFact.parse(fact), wasValid: Number(row['was_valid']) === 1 })
        } else if (row['kind'] === 'table') told.tables.push(scannedTable.parse(fact))
        else told.foreignKeys.push(bareForeignKey.parse(fact))
      }
      return [...found.values()]
    },
    ledgers(cluster, databaseOid) {
      const parts = new Map<string, Parameters<typeof createMemberLedger>[0][number][]>()
      for (const row of readLedgers.all({ cluster, databaseOid })) {
        const server = String(row['server'])
        const part = {
          about: ledgerAbout.parse(JSON.parse(String(row['about']))),
          count: Number(row['count']),
          columns: String(row['columns']),
        }
        parts.set(server, [...(parts.get(server) ?? []), part])
      }
      return new Map(
        [...parts].flatMap(([server, own]) => {
          const ledger = createMemberLedger(own)
          return ledger === undefined ? [] : [[server, ledger] as const]
        }),
      )
    },
    members: (cluster) =>
      readMembers
        .all({ cluster })
        .map(({ server, node }) => ({ server: String(server), node: String(node) })),
    clusters: () => readClusters.all().map(({ cluster }) => String(cluster)),
  }
}

type Mutable = ToldDatabase & {
  readonly indexes: ToldDatabase['indexes'][number][]
  readonly tables: ScannedTable[]
  readonly foreignKeys: BareForeignKey[]
}

function begin(row: Readonly<Record<string, unknown>>): Mutable {
  return {
    cluster: String(row['cluster']),
    database: String(row['database']),
    databaseOid: Number(row['database_oid']),
    server: String(row['server']),
    system: String(row['system']),
    atMs: Number(row['look_ms']),
    indexes: [],
    tables: [],
    foreignKeys: [],
  }
}
