import pg from 'pg'
import { systemClock } from '../common/clock.ts'
import { accountCount, schema, transactions } from './transactions.ts'

export interface WorkloadOptions {
  /** Where transactions that write go. */
  readonly primaryUrl: string
  /** Where reports are read. */
  readonly standbyUrl: string
  readonly random?: () => number
}

export interface Workload extends AsyncDisposable {
  /** Transactions that have committed or rolled back on purpose, so far. */
  transactions(): number
  /** Connections lost and statements failed so far. */
  errors(): number
}

/** Sessions on the primary. With their pauses they make some 100 transactions a second. */
const writers = 4
const meanPauseMs = 40

/** How long a session may take to finish what it is at when the workload stops. */
const lastStatementMs = 1_000

/**
 * A shop that never closes: sessions move money between accounts, look balances up and now and then read
 * a report. Its tables have a bounded size, so that a demo left alone for a week fills no disk. A session that
 * loses its server connects again until it succeeds.
 */
export async function startWorkload(options: WorkloadOptions): Promise<Workload> {
  const random = options.random ?? Math.random
  const stop = new AbortController()
  let done = 0
  let errors = 0

  const client = await connect(options.primaryUrl)
  await client.query(schema)
  await client.query('select fill_accounts($1)', [accountCount])
  await client.end()

  const session = async (url: string, kind: keyof typeof transactions): Promise<void> => {
    while (!stop.signal.aborted) {
      let connected: pg.Client | undefined
      try {
        connected = await connect(url)
        while (!stop.signal.aborted) {
          await transactions[kind](connected, random)
          done++
          await systemClock.sleep(meanPauseMs * 2 * random(), stop.signal)
        }
      } catch {
        errors++
        await systemClock.sleep(500, stop.signal)
      } finally {
        await connected?.end().catch(() => undefined)
      }
    }
  }
  const sessions = [
    ...Array.from({ length: writers }, () => session(options.primaryUrl, 'trade')),
    session(options.primaryUrl, 'tidy'),
    session(options.standbyUrl, 'report'),
  ]
  return {
    transactions: () => done,
    errors: () => errors,
    async [Symbol.asyncDispose]() {
      stop.abort()
      // A session may be waiting for a server that hangs; it ends when its connection does.
      await Promise.race([Promise.all(sessions), systemClock.sleep(lastStatementMs)])
    },
  }
}

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'shop',
    connectionTimeoutMillis: 5_000,
    query_timeout: 10_000,
  })
  // The query in progress reports a lost connection; without this listener the event would end the process.
  client.on('error', () => undefined)
  await client.connect()
  return client
}
