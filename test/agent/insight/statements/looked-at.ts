import { pino } from 'pino'
import { onTestFinished } from 'vitest'
import { createStatements } from '../../../../agent/insight/statements/statements.ts'
import { createSession } from '../../../../agent/postgres/session.ts'
import { systemClock } from '../../../../common/clock.ts'
import { statementTexts } from '../../../../common/insight/statement-texts.ts'
import type { StatementTexts } from '../../../../common/insight/statement-texts.ts'
import type { PostgresServer } from '../../../../testbed/postgres.ts'
import { samplesOf } from './looks.ts'

export type Samples = Readonly<Record<string, number>>

/** Statements of a real server, looked at when a test says so. */
export interface LookedAt {
  /** A look, and what a store has after two scrapes. */
  look(): Promise<Samples>
  /** What a scrape gets without a look. */
  told(): Samples
  readonly texts: StatementTexts['texts']
  /** Lines of the log, as JSON. */
  readonly log: readonly string[]
  /** So much later texts may be read again. */
  pass(ms: number): void
  /** How long the latest look took, from asking to told. */
  readonly tookMs: number
}

/** @param options.role that looks: pgherd, which has nothing but pg_monitor, unless told */
export function lookAt(
  server: PostgresServer,
  options: { readonly role?: string; readonly database?: string; readonly top?: number } = {},
): LookedAt {
  const { role = 'pgherd', database = 'postgres', top = 80 } = options
  const session = createSession({ url: server.url(database, role), clock: systemClock })
  onTestFinished(() => session[Symbol.asyncDispose]())
  let aheadMs = 0
  let tookMs = 0
  const texts: StatementTexts['texts'] = []
  const log: string[] = []
  const part = createStatements(
    {
      ...{ server: 'pg-test-1', cluster: 'pg-test', directory: '' },
      clock: { ...systemClock, monotonic: () => systemClock.monotonic() + aheadMs },
      lend: () => (session.isConnected ? session : undefined),
      visit: () => Promise.reject(new Error('no database is visited for statements')),
      databases: () => Promise.resolve([]),
      // As it travels.
      tell: (_, body) => void texts.push(...statementTexts.parse(JSON.parse(JSON.stringify(body))).texts),
      log: pino({ level: 'debug' }, { write: (line) => void log.push(line) }),
    },
    { top },
  )
  return {
    ...{ texts, log },
    get tookMs() {
      return tookMs
    },
    async look() {
      await session.connect(5_000)
      const beganMs = performance.now()
      await part.look()
      part.tables()
      const samples = samplesOf(part.tables())
      tookMs = performance.now() - beganMs
      return samples
    },
    told: () => samplesOf(part.tables()),
    pass(ms) {
      aheadMs += ms
    },
  }
}

/** The role as the documentation tells to create it, and the extension. */
export async function prepare(server: PostgresServer): Promise<void> {
  await server.query('create role pgherd login')
  await server.query('grant pg_monitor to pgherd')
  await server.query('create extension pg_stat_statements')
}

/** Of all series of a metric, or of those of one label. */
export function sumOf(samples: Samples, metric: string, label = ''): number {
  return Object.entries(samples)
    .filter(([key]) => key.startsWith(`${metric}{`) && key.includes(label))
    .reduce((total, [, value]) => total + value, 0)
}
