import type { Clock } from '../../../common/clock.ts'
import { toPgherdError } from '../../../common/errors.ts'
import type { PgherdError } from '../../../common/errors.ts'
import type { KernelFiles } from '../../../common/kernel/kernel-files.ts'
import type { Log } from '../../../common/log.ts'
import { readSystemIdentifier } from '../../postgres/capabilities.ts'
import type { Connection } from '../../postgres/connection.ts'
import type { History } from '../history/history.ts'
import { createOpenBucket } from '../history/open-bucket.ts'
import { diskOf } from './host/data-disk.ts'
import type { DiskName } from './host/disk-time.ts'
import { createHostLook } from './host/host-view.ts'
import type { Observation } from './observation.ts'
import { observeServer } from './observe-server.ts'
import type { LookSession } from './observe-server.ts'
import { readObservedServer } from './observed-server.ts'
import type { ObservedServer, View } from './view.ts'

export interface WatchServerOptions {
  /**
   * A connection that somebody else keeps, for one look; undefined while there is none. It takes statements one after the other,
   * so that a look stands in the way of nobody for longer than it takes.
   */
  readonly lend: () => Pick<Connection, 'query'> | undefined
  readonly views: readonly View[]
  readonly history: History
  /** Of this host, where the server runs on it. */
  readonly files: KernelFiles | undefined
  readonly clock: Clock
  readonly log: Log
}

/** Looks at a server all the time, and keeps what it sees. */
export interface ServerWatch {
  /** Until the signal aborts. Never rejects. */
  run(signal: AbortSignal): Promise<void>
  /** One look, at everything when a bucket is over. Never rejects. */
  look(): Promise<void>
  /** Whose history it is; undefined before the first contact. */
  system(): string | null | undefined
  samples(): number
  /** Looks that the server did not answer. */
  failures(): number
}

export const sampleMs = 15_000
export const bucketMs = 300_000
/** What the connection is limited to anyway, so that it need not be told. */
const statementMs = 2_000
/** Measuring waits meanwhile. */
const budgetMs = 1_000
/** What failed is asked again then: each time is a line in the server's log. */
/** Source: PostgreSQL, Appendix A, class 53. */
const insufficientResources = '53'
const failedViewMs = 3_600_000

/** What is known of the server behind a connection. */
interface Known {
  readonly connection: Pick<Connection, 'query'>
  readonly server: ObservedServer
  readonly system: string | null
}

const directoryQuery = `select setting from pg_settings where name = 'data_directory'`

export function createServerWatch(options: WatchServerOptions): ServerWatch {
  const { lend, views, history, files, clock, log } = options
  const open = createOpenBucket(4 * sampleMs)
  const lookAtHost = files === undefined ? undefined : createHostLook(files, () => clock.monotonic())
  const samplesOnly = views.filter(({ pace }) => pace === 'sample')
  const failedUntilMs = new Map<View, number>()
  const told = new Set<View>()
  let known: Known | undefined
  let system: string | null | undefined
  let disk: DiskName | undefined
  let bucketDueMs = -Infinity
  let samples = 0
  let failures = 0

  const onFailure = (view: View, error: PgherdError): void => {
    // What a server that runs out of something refuses now it gives again, and that moment is the one to be seen.
    if (String(error.details['sqlstate']).startsWith(insufficientResources)) return
    failedUntilMs.set(view, clock.monotonic() + failedViewMs)
    if (told.has(view)) return
    told.add(view)
    log.info({ view: view.name }, `tuning: the history goes without ${view.name}: ${error.message}`)
  }

  const meet = async (connection: Pick<Connection, 'query'>, session: LookSession): Promise<Known> => {
    const server = await readObservedServer(session, statementMs)
    if (known?.connection === connection) return { ...known, server }
    const identifier = (await readSystemIdentifier(connection, statementMs)) ?? null
    if (files !== undefined) {
      const { rows } = await session.read({ text: directoryQuery }, statementMs)
      const directory = rows[0]?.[0]
      // Not waited for: a path may lead to a mount that hangs.
      if (directory != null) void diskOf(files, directory).then((found) => (disk = found))
    }
    return { connection, server, system: identifier }
  }

  const observe = async (connection: Pick<Connection, 'query'>): Promise<void> => {
    const session: LookSession = { read: (statement, limitMs) => connection.query(statement, limitMs) }
    // A clock that was set back does not hold up the history.
    const isOver = clock.now() >= bucketDueMs || bucketDueMs - clock.now() > bucketMs
    if (isOver || known?.connection !== connection) known = await meet(connection, session)
    const { server, system: identifier } = known
    system = identifier
    const nowMs = clock.monotonic()
    const asked = (isOver ? views : samplesOnly).filter(
      (view) => nowMs >= (failedUntilMs.get(view) ?? -Infinity),
    )
    const seen = await observeServer(session, server, asked, {
      ...{ clock, budgetMs, onFailure },
      timeoutMs: statementMs,
    })
    const look = withHost(seen)
    // Other views fit it from now on.
    if (look.inRecovery !== server.inRecovery) known = undefined
    samples++
    if (!isOver) {
      open.add(look)
      return
    }
    const bucket = open.close(look)
    bucketDueMs = (Math.floor(look.atMs / bucketMs) + 1) * bucketMs
    await history.add(bucket, identifier)
  }

  const withHost = (look: Observation): Observation => {
    if (lookAtHost === undefined) return look
    const host = lookAtHost(disk)
    return {
      ...look,
      counters: new Map([...look.counters, ...host.counters]),
      gauges: new Map([...look.gauges, ...host.gauges]),
    }
  }

  const look = async (): Promise<void> => {
    const connection = lend()
    if (connection === undefined) return
    try {
      await observe(connection)
    } catch (error) {
      failures++
      log.debug({ code: toPgherdError(error).code }, `tuning: no look: ${toPgherdError(error).message}`)
    }
  }

  return {
    look,
    async run(signal) {
      for (;;) {
        await clock.sleep(sampleMs, signal)
        if (signal.aborted) return
        await look()
      }
    },
    system: () => system,
    samples: () => samples,
    failures: () => failures,
  }
}
