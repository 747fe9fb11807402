import { messageOf } from '../../../common/errors.ts'
import type { SchemaChanges } from '../../../common/insight/schema-changes.ts'
import { readSystemIdentifier } from '../../postgres/capabilities.ts'
import type { InsightServer, LentConnection } from '../insight-server.ts'
import { createActs } from './activity/acts.ts'
import type { SeenAct } from './activity/acts.ts'
import { findBlocking } from './activity/blocking.ts'
import { sampleActivity } from './activity/sample-activity.ts'
import { sampleLocks } from './activity/sample-locks.ts'
import { readBaseline, writeBaseline } from './baseline.ts'
import type { ToldLast } from './baseline.ts'
import { classesOf } from './classes/classes.ts'
import { readCounters, readOwnCounters } from './counters.ts'
import type { SchemaFigures } from './figures-of-schema.ts'
import { createKnownObjects } from './known-objects.ts'
import type { ServerLog } from './log/server-log.ts'
import { createPace } from './pace.ts'
import type { Pace } from './pace.ts'
import { reportsOf } from './telling.ts'
import { watchDatabase } from './watched-database.ts'
import type { Step, WatchedDatabase } from './watched-database.ts'

/** One server: what was told of it, and what is looked at next. */
export interface SchemaWatch {
  /**
   * Looks at what sessions do, at counters, and at the catalogs of at most one database.
   * @throws PgherdError of a server that does not answer
   */
  tick(signal: AbortSignal): Promise<void>
  /** Writes down how far it has got. Never rejects. */
  end(): Promise<void>
}

interface Watched {
  readonly database: { readonly oid: number; readonly name: string }
  readonly watch: WatchedDatabase
  readonly pace: Pace
  /** Counters as they are, and as they were at the last look; of another database than the main one they are of all its tables. */
  rows: string
  counters: string
  /** Of the catalogs of such a database, when it was looked at. */
  catalogs: string
  /** When it was looked at last, and when its catalogs were listed, on the agent's monotonic clock. */
  lookedMs: number
  listedMs: number
  /** A statement that changes something was seen in it, or what is locked is to be read. */
  isUrgent: boolean
  /** Looks one after the other for which there was such a reason, and that found nothing. */
  fruitless: number
}

const countersMs = 5_000
const databasesMs = 60_000
/** A look is taken even where no counter has moved: sessions of PostgreSQL 14 may tell of their last statement only with their next. */
const anywayMs = 5 * 60_000
/** So that a collector that has lost what it knew has all of it again. */
const wholeMs = 24 * 3_600_000
const writeMs = 10 * 60_000
/** While everything is told: the file has all that is known. */
const writeWholeMs = 60_000
/** Others than the main database are visited this often to look at their counters, where rows were written. */
const visitMs = 60_000
/** Between two visits of others, because each is a connection of its own. */
const betweenVisitsMs = 5_000
/** Programs that make temporary tables all the time are no reason to look more often. */
const mostFruitless = 3
/** What holds up others for this long is an event. */
const blockedMs = 5_000
const leastVersion = 140_000
/** Stands for the server as a whole. */
const shared = { oid: 0, name: '' }
/** No database has this number: one that is not to be looked into. */
const elsewhere = -1

export async function createSchemaWatch(
  server: InsightServer,
  about: {
    readonly figures: SchemaFigures
    readonly stats: { looks: number }
    readonly newId: () => string
    readonly shareOfCore: number
    /** Undefined where the log is not to be read. */
    readonly serverLog: ServerLog | undefined
  },
): Promise<SchemaWatch> {
  const { clock, log } = server
  const { figures, stats, newId } = about
  const baseline = await readBaseline(server.directory, log)
  const acts = createActs()
  const watched = new Map<number, Watched>()
  const toldBlocked = new Set<string>()
  let version = 0
  let sampledMs = 0
  let countedMs = -Infinity
  let databasesReadMs = -Infinity
  let writtenMs = clock.monotonic()
  let visitedMs = -Infinity
  let isPrimary = false
  let mainOid = 0
  let last: readonly ToldLast[] = []

  const own = () => classesOf(version, false)
  const common = () => classesOf(version, true)
  const nameOf = (oid: number): string | undefined => watched.get(oid)?.database.name
  /** Whether it takes a connection of its own. */
  const isOther = ({ database: { oid } }: Watched): boolean => oid !== shared.oid && oid !== mainOid

  const watch = (database: Watched['database']): void => {
    const known = watched.get(database.oid)
    if (known?.database.name === database.name) return
    const found = baseline.databases.get(database.oid) ?? {
      ...{ oid: database.oid, name: database.name, xid: undefined, lookedMs: 0, wholeMs: 0 },
      known: createKnownObjects(),
    }
    found.name = database.name
    baseline.databases.set(database.oid, found)
    const state = known ?? {
      ...{ watch: watchDatabase(found), pace: createPace(about.shareOfCore) },
      ...{ counters: '', rows: '', catalogs: '', lookedMs: -Infinity, listedMs: -Infinity },
      ...{ isUrgent: false, fruitless: 0 },
    }
    watched.set(database.oid, { ...state, database })
    figures.know(database.name)
  }

  const readDatabases = async (): Promise<void> => {
    const present = await server.databases()
    watch(shared)
    for (const database of present) watch(database)
    const oids = new Set([shared, ...present].map(({ oid }) => oid))
    for (const oid of [...watched.keys()]) {
      if (oids.has(oid)) continue
      watched.delete(oid)
      baseline.databases.delete(oid)
    }
    databasesReadMs = clock.monotonic()
  }

  const readActivity = async (connection: LentConnection): Promise<void> => {
    const sample = await sampleActivity(connection, sampledMs)
    if (sample.atMs > 0) sampledMs = sample.atMs
    const changing = sample.sessions.filter(({ changesSchema }) => changesSchema)
    const isAtWork = sample.sessions.some(({ isIdle }) => !isIdle)
    const locks = isAtWork
      ? await sampleLocks(
          connection,
          changing.map(({ pid }) => pid),
        )
      : undefined
    for (const oid of acts.note(sample, locks)) {
      for (const one of [watched.get(oid), watched.get(0)]) if (one !== undefined) one.isUrgent = true
    }
    const blocking = locks === undefined ? [] : findBlocking(sample, locks, acts)
    figures.blocking(blocking, nameOf)
    const heads = blocking.flatMap(({ databaseOid, heads: found }) =>
      found.map((head) => ({ databaseOid, head })),
    )
    for (const { databaseOid, head } of heads) {
      if (toldBlocked.has(head.key) || sample.atMs - head.act.startedMs < blockedMs) continue
      toldBlocked.add(head.key)
      const report: SchemaChanges = {
        ...{ system: baseline.system, timeline: baseline.timeline },
        ...{
          database: nameOf(databaseOid) ?? '',
          databaseOid,
          fromMs: head.act.startedMs,
          toMs: sample.atMs,
        },
        ...{ objects: '', gone: [], acts: [], commanded: [], blocked: [head], whole: null },
      }
      server.tell('schema-changes', report)
    }
    const still = new Set(heads.map(({ head }) => head.key))
    for (const key of toldBlocked) if (!still.has(key)) toldBlocked.delete(key)
  }

  /** Another server than the one that was told of, or another life of it: all is told again, and compared by the collector. */
  const identify = async (connection: LentConnection, timeline: number): Promise<void> => {
    const system = (await readSystemIdentifier(connection, 2_000)) ?? ''
    if (system === baseline.system && timeline === baseline.timeline) return
    Object.assign(baseline, { system, timeline })
    for (const { watch: of } of watched.values()) {
      of.baseline.known.clear()
      of.baseline.xid = undefined
      of.baseline.wholeMs = 0
      of.tellAll(newId())
    }
  }

  const countAll = async (connection: LentConnection): Promise<void> => {
    const counters = await readCounters(connection, own(), common())
    countedMs = clock.monotonic()
    isPrimary = !counters.inRecovery && counters.timeline !== undefined
    if (!isPrimary) return
    mainOid = counters.databaseOid
    await identify(connection, counters.timeline ?? 0)
    for (const [oid, one] of watched) {
      if (oid === mainOid) one.rows = counters.own
      else if (oid === 0) one.rows = counters.shared
      else one.rows = counters.databases.get(oid) ?? ''
    }
  }

  /** The one that has waited longest among those that are to be looked at. */
  const next = (): Watched | undefined => {
    const nowMs = clock.monotonic()
    const due = [...watched.values()].filter((one) => {
      const { watch: of, pace, isUrgent, listedMs } = one
      const isVisit = isOther(one) && !isUrgent
      if (isVisit && nowMs < visitedMs + betweenVisitsMs) return false
      if (of.isUnderWay || of.baseline.wholeMs === 0) return pace.isDue(nowMs, 'whole')
      const isMoved = one.rows !== one.counters
      if (!isUrgent && !isMoved && !of.isWaiting && nowMs < listedMs + anywayMs) return false
      if (isVisit && nowMs < one.lookedMs + visitMs) return false
      return pace.isDue(nowMs, isUrgent && one.fruitless < mostFruitless ? 'urgent' : 'usual')
    })
    return due.sort((a, b) => a.lookedMs - b.lookedMs)[0]
  }

  /** A step of it, or nothing where another database's catalogs are as they were. */
  const stepOf = async (one: Watched, connection: LentConnection): Promise<Step | undefined> => {
    const { database, watch: of, isUrgent } = one
    if (!isOther(one)) return of.step(connection, database.oid === shared.oid ? common() : own())
    const catalogs = await readOwnCounters(connection, own())
    const isListed = clock.monotonic() < one.listedMs + anywayMs && catalogs === one.catalogs
    if (isListed && !isUrgent && !of.isUnderWay && !of.isWaiting) return undefined
    one.catalogs = catalogs
    return of.step(connection, own())
  }

  const readLog = async (): Promise<readonly SeenAct[]> => {
    const connection = server.lend()
    if (connection === undefined) return []
    const oids = new Map([...watched.values()].map(({ database: { oid, name } }) => [name, oid]))
    const found = (await about.serverLog?.read(connection)) ?? []
    return found.map(({ database, act }) => ({
      databaseOid: oids.get(database) ?? elsewhere,
      relations: new Set(),
      act,
    }))
  }

  const look = async (one: Watched, signal: AbortSignal): Promise<void> => {
    const { database, watch: of, pace, rows } = one
    const name = database.oid === 0 ? (nameOf(mainOid) ?? '') : database.name
    const isFirst = of.baseline.wholeMs === 0
    const isNeeded = of.baseline.xid === undefined || of.baseline.wholeMs < clock.now() - wholeMs
    if (isNeeded && !of.isUnderWay && !of.isWaiting) of.tellAll(newId())
    stats.looks++
    // What the server took, and not the wait for a place or for what is measured meanwhile.
    let tookMs = 0
    const timed = (connection: LentConnection): LentConnection => ({
      async query(...asked) {
        const answer = await connection.query(...asked)
        tookMs += answer.elapsedMs
        return answer
      },
    })
    const step = await server
      .visit(name, (connection) => stepOf(one, timed(connection)), signal)
      .finally(() => {
        one.lookedMs = clock.monotonic()
        if (isOther(one)) visitedMs = one.lookedMs
        pace.looked(one.lookedMs, tookMs)
      })
    one.counters = rows
    if (step === undefined) return
    one.listedMs = one.lookedMs
    one.fruitless = step.changed + step.gone.length > 0 ? 0 : one.fruitless + (one.isUrgent ? 1 : 0)
    one.isUrgent = false
    const fromTrigger = step.rows.map(({ oid, act }) => ({
      databaseOid: database.oid,
      relations: new Set(oid === 0 ? [] : [oid]),
      act,
    }))
    const fromLog = isFirst || step.changed + step.gone.length === 0 ? [] : await readLog()
    const { system, timeline } = baseline
    const reports = reportsOf({ ...step, ...step.span, database, system, timeline }, [
      ...fromLog,
      ...acts.list(),
      ...fromTrigger,
    ])
    for (const report of reports) server.tell('schema-changes', report)
    of.told(step)
    const changes = isFirst ? 0 : step.changed + step.gone.length + step.alone.length
    if (changes > 0) figures.changed(database.name, changes, clock.now())
    if (reports.length === 0 && !step.isOver) return
    // Everything is told again after a restart that comes before its end.
    const isWaited = step.whole !== null && !step.isOver
    const afterMs = isWaited ? writeWholeMs : reports.length > 0 ? -Infinity : writeMs
    if (clock.monotonic() > writtenMs + afterMs) {
      last = [...step.objects, ...step.gone].map(({ class: of, oid }) => ({
        ...{ database: database.oid, class: of, oid },
      }))
      await write()
    }
  }

  const write = async (): Promise<void> => {
    writtenMs = clock.monotonic()
    try {
      await writeBaseline(server.directory, baseline, last)
    } catch (error) {
      log.warn({ error: messageOf(error) }, 'schema: what was told cannot be written down')
    }
  }

  return {
    async tick(signal) {
      const connection = server.lend()
      if (connection === undefined) return
      const nowMs = clock.monotonic()
      if (nowMs >= databasesReadMs + databasesMs) {
        const { rows } = await connection.query(
          { text: `select current_setting('server_version_num')` },
          2_000,
        )
        version = Number(rows[0]?.[0])
        await readDatabases()
      }
      if (version < leastVersion) return
      if (nowMs >= countedMs + countersMs) await countAll(connection)
      if (!isPrimary) return
      await readActivity(connection)
      await about.serverLog?.mark(connection)
      const one = next()
      if (one !== undefined) await look(one, signal)
    },
    async end() {
      await write()
      await about.serverLog?.end()
    },
  }
}
