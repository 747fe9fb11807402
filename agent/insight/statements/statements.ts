import { messageOf, toPgherdError } from '../../../common/errors.ts'
import type { StatementTexts } from '../../../common/insight/statement-texts.ts'
import type { Figure } from '../../../common/self-metrics.ts'
import type { InsightServer, LentConnection } from '../insight-server.ts'
import type { InsightPart } from '../part.ts'
import { countersQuery } from './counters-query.ts'
import { createDatabaseNames } from './database-names.ts'
import { findExtension } from './extension.ts'
import type { Extension } from './extension.ts'
import { createLedger, gapSeconds } from './ledger.ts'
import { readLook } from './look.ts'
import { createMonitor } from './monitor.ts'
import { createTexts } from './texts.ts'

export interface StatementsOptions {
  /** Statements that get series of their own at most. */
  readonly top: number
}

/** One that is asked for by hand as well. */
export interface Statements extends InsightPart {
  /** One look. Never rejects. */
  look(): Promise<void>
}

const intervalMs = 10_000
const longestIntervalMs = 60_000
/** The server spends no more than this part of one core. */
const costFactor = 250
/** Until measuring has a connection. */
const waitMs = 1_000
const timeoutMs = 2_000
/** Figures that are older are told no more: what came in between is then told as what their series begin with, and as no peak. */
const freshMs = 1_000 * gapSeconds
/** What is installed is looked for again then, or when a look fails. */
const findAgainMs = 300_000

/** What statements do and how long they take, out of pg_stat_statements. */
export function createStatements(server: InsightServer, options: StatementsOptions): Statements {
  const { clock } = server
  const log = server.log.child({ part: 'statements' })
  const names = createDatabaseNames()
  const ledger = createLedger({
    top: options.top,
    nameOf: (dbid) => names.of(dbid),
    withoutDurations: (serverSeconds) => monitor.measures(serverSeconds),
  })
  const monitor = createMonitor({
    add: (dbid, counts, seconds) => ledger.addDurations(dbid, counts, seconds),
    ...{ timeoutMs, clock, log },
  })
  const texts = createTexts({
    tell: (body: StatementTexts) => server.tell('statement-texts', body),
    ...{ timeoutMs, clock, log },
  })
  let extension: Extension | undefined
  let foundMs = -Infinity
  let query = { name: '', text: '' }
  let generation = 0
  let lacking: string | undefined
  let saidHidden = false
  let isUseful = false
  let lookedMs = -Infinity
  let looks = 0
  let failures = 0
  let tookMs = 0

  const find = async (connection: LentConnection): Promise<Extension | undefined> => {
    if (clock.monotonic() - foundMs < findAgainMs) return extension
    const found = await findExtension(connection, timeoutMs)
    foundMs = clock.monotonic()
    extension = typeof found === 'string' ? undefined : found
    if (typeof found === 'string') {
      if (lacking !== found) log.info({}, `statements: ${found}; there are no figures of queries`)
      lacking = found
      return undefined
    }
    lacking = undefined
    const text = countersQuery(found)
    if (text !== query.text) {
      generation++
      query = { name: `pgherd_statements_${String(generation)}`, text }
    }
    return found
  }

  const once = async (connection: LentConnection): Promise<void> => {
    const found = await find(connection)
    isUseful = found !== undefined
    if (found === undefined) return
    const beganMs = clock.monotonic()
    const { rows } = await connection.query(query, timeoutMs)
    tookMs = clock.monotonic() - beganMs
    const look = readLook(rows[0])
    await names.complete(look, connection, timeoutMs)
    await monitor.look(connection)
    ledger.take(look)
    lookedMs = clock.monotonic()
    looks++
    if (ledger.hidden > 0 && !saidHidden) {
      saidHidden = true
      log.warn(
        { rows: ledger.hidden },
        'statements: those of other roles cannot be seen; grant pg_read_all_stats (or pg_monitor) to this role',
      )
    }
    const { chosen } = ledger
    await texts.look({ chosen, nameOf: (dbid) => names.of(dbid), connection, extension: found })
  }

  const look = async (): Promise<void> => {
    const connection = server.lend()
    if (connection === undefined) return
    try {
      await once(connection)
    } catch (error) {
      failures++
      const failure = toPgherdError(error)
      log.debug({ code: failure.code, error: messageOf(error) }, 'statements: a look failed')
      // Another version of the extension may be there now.
      if (failure.code === 'PROBE_FAILED') foundMs = -Infinity
    }
  }

  return {
    name: 'statements',
    look,
    tables: () => (isUseful && clock.monotonic() - lookedMs < freshMs ? ledger.tables() : []),
    async run(signal) {
      while (!signal.aborted) {
        if (server.lend() === undefined) {
          await clock.sleep(waitMs, signal)
          continue
        }
        const beganMs = clock.monotonic()
        await look()
        const pauseMs = Math.min(longestIntervalMs, Math.max(intervalMs, costFactor * tookMs))
        await clock.sleep(Math.max(waitMs, beganMs + pauseMs - clock.monotonic()), signal)
      }
    },
    figures: figuresOf(server.server, {
      looks: () => looks,
      failures: () => failures,
      chosen: () => ledger.chosen.size,
      seconds: () => tookMs / 1_000,
    }),
  }
}

function figuresOf(
  server: string,
  read: Readonly<Record<'looks' | 'failures' | 'chosen' | 'seconds', () => number>>,
): readonly Figure[] {
  const figure = (name: string, help: string, value: () => number): Figure => ({
    ...{ name, help, label: 'server' },
    read: () => ({ [server]: value() }),
  })
  return [
    figure('pgherd_statements_looks_total', 'Looks at pg_stat_statements.', read.looks),
    figure('pgherd_statements_failures_total', 'Looks that failed.', read.failures),
    figure('pgherd_statements_chosen', 'Statements that have series of their own.', read.chosen),
    figure('pgherd_statements_look_seconds', 'How long the latest look took the server.', read.seconds),
  ]
}
