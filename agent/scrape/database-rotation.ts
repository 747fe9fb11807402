import type { Clock } from '../../common/clock.ts'
import { toPgherdError } from '../../common/errors.ts'
import type { Log } from '../../common/log.ts'
import { mostSamples } from '../../common/series/sample-table.ts'
import type { SampleTable } from '../../common/series/sample-table.ts'
import type { Tracer } from '../../common/tracer.ts'
import { readDatabaseFacts } from '../postgres/database-facts.ts'
import type { Session } from '../postgres/session.ts'
import type { ProbeDefinition } from '../probes/definition.ts'
import type { ServerFacts } from '../probes/plan.ts'
import { schemasOf } from '../probes/plan.ts'
import { createDatabaseFilter } from './database-filter.ts'
import type { DatabaseFilter } from './database-filter.ts'
import { createPlannedProbes } from './planned-probes.ts'
import type { PlannedProbes, ProbeAccounts } from './planned-probes.ts'
import { defaultBudgetMs } from './probe-account.ts'
import type { ProbeReport } from './probe-report.ts'
import { runProbes } from './run-probes.ts'
import type { Round } from './source.ts'

export interface DatabaseRotationOptions {
  /** The one connection that is reused in turn. */
  readonly session: Session
  readonly filter: DatabaseFilter
  readonly accounts: ProbeAccounts
  readonly tags: ReadonlySet<string>
  /**
   * Series that all databases together may have; each gets the same share.
   * @param used how many they have
   */
  readonly maxSeries: (used: number) => number
  /** Between two visits, where neither probes nor budget make it longer. */
  readonly intervalMs: number
  readonly clock: Clock
  readonly log: Log
  readonly tracer: Tracer
}

/** The databases of one server besides the main one, visited in turn. */
export interface DatabaseRotation {
  /**
   * Visits those whose turn has come, the one seen longest ago first, as many as fit into the round, and gives the
   * latest results of all. Never rejects.
   * @param databases names, as the server has them now
   */
  measure(
    round: Round,
    server: ServerFacts & { readonly databases: readonly string[] },
    probes: readonly ProbeDefinition[],
    report: ProbeReport,
  ): Promise<DatabasesMeasured>
}

export interface DatabasesMeasured {
  /** How each database did and how old its results are. */
  readonly about: readonly SampleTable[]
  readonly results: readonly SampleTable[]
}

interface Place {
  readonly name: string
  readonly planned: PlannedProbes
  /** Timestamp of the round that saw it last, and how long connecting to it took. */
  visitedMs: number
  connectMs: number
  failure: string | undefined
}

/** Of a round, what is left for others when no further database is begun. */
const reserved = 0.3
const connectLimitMs = 1_000

export function createDatabaseRotation(options: DatabaseRotationOptions): DatabaseRotation {
  const { session, accounts, tags, clock, log, tracer } = options
  const places = new Map<string, Place>()
  const select = createDatabaseFilter(options.filter)
  let leftOut = 0
  let lastRoundMs = -Infinity
  let failing = 0

  const update = (names: readonly string[]): void => {
    const present = new Set(names)
    for (const name of places.keys()) {
      if (present.has(name)) continue
      places.delete(name)
      accounts.forget(name)
    }
    for (const name of names) {
      if (places.has(name)) continue
      const planned = createPlannedProbes({ session, accounts, place: name, prepare: false, tags, clock })
      places.set(name, { name, planned, visitedMs: -Infinity, connectMs: 0, failure: undefined })
    }
  }

  /** A new session costs the server a process: all of them together are held to the budget of one probe. */
  const visitIntervalMs = (): number => {
    let costMs = 0
    for (const { connectMs } of places.values()) costMs += connectMs
    return Math.max(options.intervalMs, (costMs / defaultBudgetMs) * 60_000)
  }

  const isDue = (place: Place, round: Round, intervalMs: number): boolean => {
    const ageMs = round.timestampMs - place.visitedMs
    if (ageMs < 0) return true
    const runners = place.planned.latest()
    return ageMs >= intervalMs && (runners.length === 0 || runners.some((runner) => runner.isDue(round)))
  }

  const visit = async (place: Place, work: Work): Promise<void> => {
    const { round, server, probes, report } = work
    place.visitedMs = round.timestampMs
    const startedMs = clock.monotonic()
    await session.moveTo(place.name)
    await session.connect(Math.min(connectLimitMs, round.remainingMs()))
    const facts = await readDatabaseFacts(
      session,
      work.schemas,
      Math.min(connectLimitMs, round.remainingMs()),
    )
    place.connectMs = clock.monotonic() - startedMs
    const { runners } = place.planned.for({ ...server, ...facts, database: place.name, main: false }, probes)
    // Noted when all results are collected; these runs only refresh them.
    await runProbes(runners, { session, report: silent(report), place: place.name, round, tracer })
  }

  /** The first rows of each probe are its most important ones. */
  const limit = (): void => {
    const samples = new Map([...places.values()].map((place) => [place, samplesOf(place)]))
    let used = 0
    for (const count of samples.values()) used += count
    const share = options.maxSeries(used) / places.size
    for (const [place, count] of samples) {
      if (count > share) for (const runner of place.planned.latest()) runner.shrink(share / count)
    }
  }

  /** False when an action has the server's other place for us: what is known then ages until it is over. */
  const visitTolerantly = async (place: Place, work: Work): Promise<boolean> => {
    const { visitedMs } = place
    try {
      await visit(place, work)
      place.failure = undefined
    } catch (thrown) {
      const error = toPgherdError(thrown)
      if (error.details['isHeldByAction'] === true) {
        place.visitedMs = visitedMs
        return false
      }
      place.failure = error.message
      // Dropped between the list and the visit, or not ours to see: nothing of it is shown, rather than something old.
      log.debug({ database: place.name, code: error.code }, `scrape: a database failed: ${error.message}`)
    }
    return true
  }

  const tellFailures = (): void => {
    const failed = [...places.values()].filter(({ failure }) => failure !== undefined)
    if (failed.length > 0 && failing === 0) {
      const { name, failure } = failed[0]!
      log.warn({ databases: failed.length, database: name }, `scrape: a database failed: ${failure}`)
    } else if (failed.length === 0 && failing > 0) log.info('scrape: all databases are measured again')
    failing = failed.length
  }

  const collect = (round: Round, report: ProbeReport): DatabasesMeasured => {
    const results: SampleTable[] = []
    const ages: { labels: readonly string[]; values: readonly number[] }[] = []
    for (const place of places.values()) {
      const { name, failure, visitedMs } = place
      const known = visitedMs !== -Infinity
      if (known) ages.push({ labels: [name], values: [failure === undefined ? 1 : 0, age(round, visitedMs)] })
      if (failure !== undefined) continue
      for (const runner of place.planned.latest()) {
        const kept = runner.latest()
        if (kept === undefined) continue
        report.note(name, runner, kept)
        if (kept.outcome.state === 'measured') results.push(...kept.outcome.tables)
      }
    }
    const about = [
      { metrics: ['pgherd_database_up', 'pgherd_database_age_seconds'], labelNames: ['datname'], rows: ages },
      {
        metrics: ['pgherd_databases', 'pgherd_databases_waiting'],
        labelNames: [],
        rows: [{ labels: [], values: [places.size, leftOut] }],
      },
    ]
    return { about, results }
  }

  return {
    async measure(round, server, probes, report) {
      update(select(server.databases).filter((name) => name !== server.database))
      const work = { round, server, probes, report, schemas: schemasOf(probes) }
      const intervalMs = visitIntervalMs()
      const due = [...places.values()]
        .filter((place) => isDue(place, round, intervalMs))
        .sort((a, b) => a.visitedMs - b.visitedMs)
      // Spread over the interval: a part of them in each round, and new ones at once.
      const gapMs = Math.max(0, round.timestampMs - lastRoundMs)
      const share = gapMs >= intervalMs ? Infinity : Math.ceil((places.size * gapMs) / intervalMs)
      const turn = due.filter(({ visitedMs }, i) => visitedMs === -Infinity || i < share)
      lastRoundMs = round.timestampMs
      let visited = 0
      for (const place of turn) {
        if (round.remainingMs() < reserved * round.timeoutMs) break
        if (!(await visitTolerantly(place, work))) break
        visited++
      }
      leftOut = turn.length - visited
      await session.leave()
      limit()
      tellFailures()
      return collect(round, report)
    },
  }

  function samplesOf(place: Place): number {
    let samples = 0
    for (const runner of place.planned.latest()) {
      const outcome = runner.latest()?.outcome
      if (outcome?.state !== 'measured') continue
      samples += mostSamples(outcome.tables)
    }
    return samples
  }
}

interface Work {
  readonly round: Round
  readonly server: ServerFacts
  readonly probes: readonly ProbeDefinition[]
  readonly report: ProbeReport
  readonly schemas: readonly string[]
}

function age(round: Round, atMs: number): number {
  return Math.max(0, round.timestampMs - atMs) / 1000
}

function silent(report: ProbeReport): ProbeReport {
  return { ...report, note: () => undefined }
}
