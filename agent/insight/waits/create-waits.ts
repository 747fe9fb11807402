import { toPgherdError } from '../../../common/errors.ts'
import type { RecentSample } from '../../../common/insight/recent-sample.ts'
import type { InsightPart } from '../part.ts'
import type { InsightServer, LentConnection } from '../insight-server.ts'
import { createVersionNumber } from '../version-number.ts'
import { createWaitCounters } from './attribute-waits.ts'
import { createAwaitedRelations } from './awaited-relations.ts'
import type { RelationId } from './awaited-relations.ts'
import { createNames } from './names.ts'
import { createRelationNames } from './relation-names.ts'
import { createSampleRing } from './sample-ring.ts'
import type { KeptSample, KeptSession, SampleRing } from './sample-ring.ts'
import { readSample, sampleStatement } from './sample-query.ts'
import type { ActiveSession, Sample } from './sample-query.ts'

/** Active-session history: what sessions that work wait for, looked at each second. */
export interface WaitsPart extends InsightPart {
  /** One look, as `run` makes each second. Never rejects. */
  look(): Promise<void>
  /** The last hour in full. */
  readonly ring: SampleRing
}

export interface WaitsOptions {
  /** From 0 to below 1: looks are not exactly a second apart, or work that comes each second is seen always or never. */
  readonly random: () => number
}

const intervalMs = 1_000
/** Later or earlier by at most this part. */
const jitter = 0.1
/** To which the connection is limited anyway. */
const limitMs = 2_000
/** A look stands for the time since the one before, unless that is longer: then nothing is known of it, and the look stands for an interval. */
const longestMs = 5_000
const flushMs = 10_000
/** Waits for relations whose name is not known yet. */
const maxUnnamed = 500

export function createWaits(server: InsightServer, { random }: WaitsOptions): WaitsPart {
  const { clock, log } = server
  const counters = createWaitCounters(() => clock.monotonic())
  const names = createNames(() => clock.monotonic())
  const awaited = createAwaitedRelations(clock)
  const relationNames = createRelationNames(server)
  const versionNumber = createVersionNumber()
  const ring = createSampleRing({ directory: server.directory, clock, log })
  let last: { readonly monotonicMs: number } | undefined
  let unnamed: Unnamed[] = []
  let looks = 0
  let failures = 0
  let failing = false

  /** For how long this sample stands, and how long before it nothing is known, in seconds. */
  const standsFor = (nowMs: number): { readonly seconds: number; readonly gap: number } => {
    const sinceMs = last === undefined ? undefined : nowMs - last.monotonicMs
    last = { monotonicMs: nowMs }
    if (sinceMs === undefined) return { seconds: intervalMs / 1000, gap: 0 }
    if (sinceMs <= longestMs) return { seconds: sinceMs / 1000, gap: 0 }
    return { seconds: intervalMs / 1000, gap: (sinceMs - intervalMs) / 1000 }
  }

  const nameTables = (): void => {
    unnamed = unnamed.filter(({ relation, database, waitEvent, seconds }) => {
      const name = relationNames.name(relation, database)
      if (name !== undefined) counters.table({ database, relation: name, waitEvent }, seconds)
      return name === undefined
    })
  }

  const count = (sample: Sample, seconds: number, relations: ReadonlyMap<number, RelationId>): void => {
    const { sessions, total, atMs } = sample
    // Of very many some are drawn, and stand for the others.
    const each = sessions.length === 0 ? 0 : (seconds * total) / sessions.length
    const kept = sessions.map((session): KeptSession => {
      const { pid, databaseId, roleId, application, waitType, waitEvent, query, ageSeconds } = session
      const [database, role] = [names.database(databaseId), names.role(roleId)]
      counters.session({ database, role, application, query, waitType, waitEvent }, each)
      const relation = relations.get(pid)
      let name = ''
      if (relation !== undefined) {
        const where = relation.databaseId === 0 ? database : names.database(relation.databaseId)
        name = relationNames.name(relation, where) ?? `oid ${relation.relationId}`
        if (unnamed.length < maxUnnamed) unnamed.push({ relation, database: where, waitEvent, seconds: each })
      }
      return [pid, database, role, application, waitType, waitEvent, query, ageSeconds, name]
    })
    nameTables()
    if (kept.length > 0) ring.add([atMs, seconds, total, kept])
  }

  const ask = async (connection: LentConnection): Promise<void> => {
    const version = await versionNumber(connection)
    const askedMs = clock.monotonic()
    const table = await connection.query(sampleStatement(version, looks++), limitMs)
    // The server looked about then, also when the statement had to wait for its turn.
    const seenMs = clock.monotonic() - Math.min(table.elapsedMs, clock.monotonic() - askedMs) / 2
    const sample = readSample(table)
    const { sessions } = sample
    const waiters = sessions.filter(({ waitType }) => waitType === 'Lock')
    const [relations] = await Promise.all([
      awaited.of(connection, waiters),
      names.learn(connection, idsOf(sessions)),
    ])
    const { seconds, gap } = standsFor(seenMs)
    counters.sampled(seconds, gap)
    count(sample, seconds, relations)
  }

  const look = async (): Promise<void> => {
    const connection = server.lend()
    if (connection === undefined) return
    try {
      await ask(connection)
      failing = false
    } catch (thrown) {
      failures++
      const { code, message } = toPgherdError(thrown)
      // The connection was lost, or the server is down: who measures says so.
      if (!failing && code !== 'CANCELLED' && code !== 'POSTGRES_UNAVAILABLE') {
        log.warn({ code }, `insight: waits could not be looked at: ${message}`)
      }
      failing = true
    }
  }

  return {
    name: 'waits',
    ring,
    look,
    tables: () => counters.tables(),
    recentSessions: async (sinceMs) => (await ring.read(sinceMs)).map(asRecent),
    async run(signal) {
      await Promise.all([relationNames.run(signal), lookAlways(signal)])
      await ring.flush()
    },
    figures: [
      {
        name: 'pgherd_ash_failures_total',
        help: 'Looks at what sessions do that the server did not answer.',
        label: 'server',
        read: () => ({ [server.server]: failures }),
      },
      {
        name: 'pgherd_ash_dropped_samples_total',
        help: 'Looks that are not among those of the last hour on the host: too many sessions, or a full disk.',
        label: 'server',
        read: () => ({ [server.server]: ring.dropped }),
      },
    ],
  }

  async function lookAlways(signal: AbortSignal): Promise<void> {
    let flushedMs = clock.monotonic()
    const isOver = (): boolean => signal.aborted
    for (let nextMs = clock.monotonic(); !isOver();) {
      await look()
      if (clock.monotonic() - flushedMs >= flushMs) {
        flushedMs = clock.monotonic()
        // A disk that hangs is no reason not to look.
        void ring.flush()
      }
      // On a grid, so that slow looks do not make fewer of them; what was missed is not made up for.
      nextMs = Math.max(nextMs + intervalMs, clock.monotonic())
      await clock.sleep(nextMs - clock.monotonic() + (2 * random() - 1) * jitter * intervalMs, signal)
    }
  }
}

function asRecent([atMs, seconds, total, sessions]: KeptSample): RecentSample {
  return {
    ...{ atMs, seconds, total },
    sessions: sessions.map(
      ([pid, database, role, application, waitType, waitEvent, query, age, relation]) => ({
        ...{ pid, database, role, application, waitType, waitEvent, query, relation },
        ageSeconds: age,
      }),
    ),
  }
}

interface Unnamed {
  readonly relation: RelationId
  readonly database: string
  readonly waitEvent: string
  readonly seconds: number
}

function idsOf(sessions: readonly ActiveSession[]): {
  readonly databases: readonly number[]
  readonly roles: readonly number[]
} {
  return {
    databases: sessions.map(({ databaseId }) => databaseId),
    roles: sessions.map(({ roleId }) => roleId),
  }
}
