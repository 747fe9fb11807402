import { PgherdError, toPgherdError } from '../../../common/errors.ts'
import type { InsightDatabase, InsightServer, LentConnection } from '../insight-server.ts'
import type { InsightPart } from '../part.ts'
import type { SampleTable } from '../../../common/series/sample-table.ts'
import { countersSince, factsBodies, ledgerBodies } from './bodies.ts'
import { candidatesOf } from './candidates.ts'
import { describeServer } from './describe-server.ts'
import type { DescribedServer } from './describe-server.ts'
import { findingsTable, sumFindings } from './findings-table.ts'
import { gatherFacts } from './gather-facts.ts'
import { advance } from './ledger.ts'
import type { Ledger } from './ledger.ts'
import { readLedger, writeLedger } from './ledger-file.ts'
import { lookAtCounters } from './look-at-counters.ts'
import type { DatabaseLook } from './look-at-counters.ts'

export interface IndexesOptions {
  /** Between two looks. */
  readonly intervalMs: number
}

/** After the start, and after a look that failed: until then there is a connection. New databases are seen then, too. */
const soonMs = 60_000

interface Looked {
  readonly look: DatabaseLook
  readonly ledger: Ledger
  readonly described: DescribedServer
}

/**
 * Looks at the indexes of each database in turn, keeps on disk since when each was not used, and tells the collector, which asks all
 * members of a cluster before it says that one can go.
 */
export function createIndexes(server: InsightServer, options: IndexesOptions): InsightPart {
  const { clock, log } = server
  const { intervalMs } = options
  const plans = new Map<string, { readonly dueMs: number; readonly failed: number }>()
  const told = new Map<string, ReturnType<typeof sumFindings>>()
  let tables: readonly SampleTable[] = []
  let hasChanged = false
  let looks = 0
  let failures = 0

  const look = async (connection: LentConnection, before: Ledger | undefined): Promise<Looked> => {
    const described = await describeServer(connection)
    const seen = await lookAtCounters(connection, described)
    return { look: seen, ledger: advance(before, seen), described }
  }
  const tellLedger = ({ look: { databaseOid, database, inRecovery }, ledger, described }: Looked): void => {
    const about = { database: { oid: databaseOid, name: database }, inRecovery, intervalMs }
    for (const body of ledgerBodies(ledger, { ...about, followers: [...described.followers] })) {
      server.tell('index-evidence', body)
    }
  }
  /** In a look of its own: what is known of the use of indexes does not depend on it. */
  const tellFacts = async ({ look: seen, ledger, described }: Looked, signal: AbortSignal): Promise<void> => {
    const candidates = candidatesOf(ledger)
    const about = { major: described.major, countersSinceMs: countersSince(ledger), candidates, log }
    const facts = await server.visit(seen.database, (connection) => gatherFacts(connection, about), signal)
    const database = { oid: seen.databaseOid, name: seen.database }
    const { system, atMs } = ledger
    for (const body of factsBodies(facts, { database, system, atMs })) server.tell('index-evidence', body)
    told.set(seen.database, sumFindings(facts, new Set(candidates)))
    hasChanged = true
  }
  const lookAt = async (database: InsightDatabase, signal: AbortSignal): Promise<boolean> => {
    try {
      const before = await knownBefore(database)
      const looked = await server.visit(database.name, (connection) => look(connection, before), signal)
      // What is told was seen by a look that is not forgotten again.
      await writeLedger(server.directory, looked.ledger)
      tellLedger(looked)
      looks++
      // Of a standby the primary tells them.
      if (!looked.look.inRecovery) await tellFacts(looked, signal)
      else if (told.delete(database.name)) hasChanged = true
      return true
    } catch (error) {
      if (signal.aborted) return false
      failures++
      const { code, message } = toPgherdError(error)
      log.debug({ database: database.name, code }, `indexes: no look: ${message}`)
      return false
    }
  }
  const knownBefore = async ({ oid, name }: InsightDatabase): Promise<Ledger | undefined> => {
    try {
      return await readLedger(server.directory, oid)
    } catch (error) {
      if (!(error instanceof PgherdError) || error.code !== 'STORE_CORRUPT') throw error
      log.warn({ database: name }, `indexes: what was known of their use begins anew: ${error.message}`)
      return undefined
    }
  }
  const round = async (signal: AbortSignal): Promise<void> => {
    const databases = await server.databases().catch(() => undefined)
    if (databases === undefined) return
    for (const database of databases) {
      if (signal.aborted) return
      const { dueMs = -Infinity, failed = 0 } = plans.get(database.name) ?? {}
      if (clock.monotonic() < dueMs) continue
      const isDone = await lookAt(database, signal)
      const waitMs = isDone ? intervalMs : Math.min(intervalMs, soonMs * 2 ** Math.min(failed, 10))
      plans.set(database.name, { dueMs: clock.monotonic() + waitMs, failed: isDone ? 0 : failed + 1 })
    }
    const names = new Set(databases.map(({ name }) => name))
    for (const name of plans.keys()) {
      if (names.has(name)) continue
      plans.delete(name)
      told.delete(name)
    }
    if (hasChanged) tables = told.size === 0 ? [] : [findingsTable(told)]
    hasChanged = false
  }

  return {
    name: 'indexes',
    tables: () => tables,
    async run(signal) {
      for (;;) {
        await clock.sleep(Math.min(intervalMs, soonMs), signal)
        if (signal.aborted) return
        await round(signal)
      }
    },
    figures: [
      {
        name: 'pgherd_index_looks_total',
        help: 'Looks at the indexes of a database.',
        label: 'server',
        read: () => ({ [server.server]: looks }),
      },
      {
        name: 'pgherd_index_failures_total',
        help: 'Looks at the indexes of a database that failed.',
        label: 'server',
        read: () => ({ [server.server]: failures }),
      },
    ],
  }
}
