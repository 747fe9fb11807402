import type { DatabaseSync } from 'node:sqlite'
import type { Clock } from '../../../common/clock.ts'
import { PgherdError } from '../../../common/errors.ts'
import { unpackColumns } from '../../../common/insight/index-columns.ts'
import { indexEvidence } from '../../../common/insight/index-evidence.ts'
import type { IndexFactsBody, IndexLedgerBody } from '../../../common/insight/index-evidence.ts'
import type { InsightReport } from '../../../common/insight/insight-report.ts'
import type { InsightBook } from '../book.ts'
import { ledgerAbout } from './member-ledger.ts'

const dayMs = 86_400_000
/** Of a database or member that is no more; a standby may be away for as long as people do not miss it. */
const keptLedgerMs = 60 * dayMs
/** What the primary's catalogue says is told hourly. */
const keptFactsMs = 2 * dayMs
const maxDatabases = 2_000

/** Keeps of each member what it has told last of each database, and of the primary what its indexes are. */
export function createIndexBook(database: DatabaseSync, clock: Clock): InsightBook {
  const putLedger = database.prepare(
    `INSERT INTO index_ledgers (cluster, server, database_oid, part, node, taken_ms, count, about, columns)
     VALUES (:cluster, :server, :oid, :part, :node, :takenMs, :count, :about, :columns)
     ON CONFLICT (cluster, server, database_oid, part) DO UPDATE
       SET node = excluded.node, taken_ms = excluded.taken_ms, count = excluded.count, about = excluded.about,
           columns = excluded.columns`,
  )
  const cutLedger = database.prepare(
    `DELETE FROM index_ledgers
      WHERE cluster = :cluster AND server = :server AND database_oid = :oid AND part >= :parts`,
  )
  const countLedgers = database.prepare(
    'SELECT count(DISTINCT database_oid) AS databases FROM index_ledgers WHERE cluster = :cluster AND server = :server',
  )
  const forgetLedgers = database.prepare('DELETE FROM index_ledgers WHERE taken_ms < :beforeMs')
  const newestFacts = database.prepare(
    'SELECT max(look_ms) AS look_ms FROM index_facts WHERE cluster = :cluster AND database_oid = :oid',
  )
  const putFact = database.prepare(
    `INSERT INTO index_facts (cluster, database_oid, kind, oid, server, database, system, look_ms, taken_ms, is_valid, was_valid, fact)
     VALUES (:cluster, :databaseOid, :kind, :oid, :server, :database, :system, :lookMs, :takenMs, :isValid, 0, :fact)
     ON CONFLICT (cluster, database_oid, kind, oid) DO UPDATE
       SET server = excluded.server, database = excluded.database, system = excluded.system, look_ms = excluded.look_ms,
           taken_ms = excluded.taken_ms, was_valid = index_facts.was_valid OR index_facts.is_valid,
           is_valid = excluded.is_valid, fact = excluded.fact`,
  )
  const cutFacts = database.prepare(
    'DELETE FROM index_facts WHERE cluster = :cluster AND database_oid = :oid AND look_ms <> :lookMs',
  )
  const forgetFacts = database.prepare('DELETE FROM index_facts WHERE taken_ms < :beforeMs')

  const takeLedger = ({ cluster, server }: InsightReport, node: string, body: IndexLedgerBody): void => {
    const { part, parts, count, columns } = body
    const about = JSON.stringify(ledgerAbout.parse(body))
    // Whatever cannot be unpacked is refused now, and not when somebody asks.
    unpackColumns(columns, count)
    const { oid } = body.database
    const { databases } = countLedgers.get({ cluster, server }) ?? {}
    if (Number(databases) > maxDatabases) {
      throw new PgherdError('BAD_DATA', `${server} has told of more than ${maxDatabases} databases`)
    }
    const takenMs = clock.now()
    putLedger.run({ cluster, server, oid, part, node, takenMs, count, about, columns })
    if (part === parts - 1) {
      cutLedger.run({ cluster, server, oid, parts })
      forgetLedgers.run({ beforeMs: takenMs - keptLedgerMs })
    }
  }
  const takeFacts = ({ cluster, server }: InsightReport, body: IndexFactsBody): void => {
    const { oid, name } = body.database
    const { look_ms: newest } = newestFacts.get({ cluster, oid }) ?? {}
    // What a primary that has lost its place told before comes when it is back.
    if (newest !== null && Number(newest) > body.atMs) return
    const takenMs = clock.now()
    const about = { cluster, server, databaseOid: oid, database: name, system: body.system }
    const put = (kind: string, fact: { readonly oid: number; readonly isValid?: boolean }): void => {
      const isValid = fact.isValid === true ? 1 : 0
      putFact.run({
        ...about,
        kind,
        oid: fact.oid,
        lookMs: body.atMs,
        takenMs,
        isValid,
        fact: JSON.stringify(fact),
      })
    }
    for (const fact of body.indexes) put('index', fact)
    for (const fact of body.tables) put('table', fact)
    for (const fact of body.foreignKeys) put('key', fact)
    if (body.part === body.parts - 1) {
      cutFacts.run({ cluster, oid, lookMs: body.atMs })
      forgetFacts.run({ beforeMs: takenMs - keptFactsMs })
    }
  }

  return {
    topic: 'index-evidence',
    take(report, node) {
      const parsed = indexEvidence.safeParse(report.body)
      if (!parsed.success) {
        const [issue] = parsed.error.issues
        throw new PgherdError(
          'BAD_DATA',
          `evidence of indexes is malformed: ${issue?.path.join('.')}: ${issue?.message}`,
        )
      }
      if (parsed.data.kind === 'ledger') takeLedger(report, node, parsed.data)
      else takeFacts(report, parsed.data)
    },
  }
}
