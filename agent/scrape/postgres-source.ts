import type { Clock } from '../../common/clock.ts'
import { PgherdError, toPgherdError } from '../../common/errors.ts'
import type { Log } from '../../common/log.ts'
import type { SampleTable } from '../../common/series/sample-table.ts'
import { createCapabilityReader } from '../postgres/capabilities.ts'
import type { Capabilities } from '../postgres/capabilities.ts'
import { createSession } from '../postgres/session.ts'
import type { Session } from '../postgres/session.ts'
import { parseTarget } from '../postgres/target.ts'
import type { ProbeDefinition } from '../probes/definition.ts'
import { planProbes, schemasOf } from '../probes/plan.ts'
import { identityLabels } from './identity.ts'
import type { Identity } from './identity.ts'
import { createProbeReport } from './probe-report.ts'
import { createProbeRunner } from './probe-runner.ts'
import type { ProbeRunner } from './probe-runner.ts'
import type { Measurement, Round, Source } from './source.ts'

export interface PostgresSourceOptions {
  /** See `parseTarget` in agent/postgres. */
  readonly url: string
  readonly passwordFile?: string | undefined
  readonly identity: Identity
  /** From `loadProbes`. */
  readonly probes: readonly ProbeDefinition[]
  /** What names in the probes' SQL may mean beyond the system catalog; for probes that are not our own. */
  readonly searchPath?: string
  readonly clock: Clock
  readonly log: Log
}

/**
 * A PostgreSQL server: connects, looks what it is, runs the probes that fit. Whatever goes wrong with one probe
 * costs that probe; only a server that does not answer is down.
 * @throws PgherdError CONFIG_INVALID for the URL
 */
export function createPostgresSource(options: PostgresSourceOptions): Source {
  const { clock, probes } = options
  const log = options.log.child({ job: 'pgsql' })
  const session = createSession(options)
  const capabilities = createCapabilityReader(session, schemasOf(probes))
  const report = createProbeReport(clock, log)
  let plan: { readonly key: string; readonly runners: readonly ProbeRunner[] } | undefined
  let statements = 0
  let downBecause: string | undefined

  const runnersFor = (server: Capabilities): readonly ProbeRunner[] => {
    const key = planKey(server)
    if (plan?.key !== key) {
      const planned = planProbes(probes, server)
      const { versionNumber, inRecovery } = server
      log.info({ versionNumber, inRecovery, probes: planned.length }, 'scrape: the probes are planned')
      const createName = (): string => `pgherd_${++statements}`
      plan = { key, runners: planned.map((probe) => createProbeRunner(session, probe, createName)) }
    }
    return plan.runners
  }

  const measureUp = async (round: Round): Promise<readonly SampleTable[]> => {
    const server = await reach(session, round, () => capabilities.read(Math.min(lookMs, round.timeoutMs / 4)))
    report.begin()
    const tables: SampleTable[] = [serverTable(server)]
    for (const runner of runnersFor(server)) {
      // A probe that made the server silent took its connection along; the others get another one.
      if (!session.isConnected) await session.connect(remaining(round))
      const outcome = await report.timed(runner, round)
      if (outcome.state === 'measured') tables.push(...outcome.tables)
      if (outcome.state === 'failed' && runner.probe.fatal) throw outcome.error
    }
    tables.push(report.table())
    return tables
  }

  return {
    labels: identityLabels(options.identity, 'pgsql', parseTarget(options.url).port),
    async measure(round): Promise<Measurement> {
      try {
        const tables = await retriedOnce(() => measureUp(round), round)
        if (downBecause !== undefined) log.info('scrape: PostgreSQL is up again')
        downBecause = undefined
        return { up: true, tables }
      } catch (thrown) {
        const error = toPgherdError(thrown)
        // Not by its message, which may tell how long it took.
        const reason = `${error.code} ${String(error.details['sqlstate'])}`
        if (downBecause !== reason) {
          log.warn({ code: error.code, ...error.details }, `scrape: PostgreSQL is down: ${error.message}`)
        }
        downBecause = reason
        return { up: false, tables: [downTable] }
      }
    },
    [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
  }
}

/** Limit of the look at version and role, that of the fatal probes: patient, since it decides about up and down. */
const lookMs = 2_000

const downTable: SampleTable = { metrics: ['pg_up'], labelNames: [], rows: [{ labels: [], values: [0] }] }

function serverTable(server: Capabilities): SampleTable {
  return {
    metrics: ['pg_up', 'pg_version', 'pg_in_recovery'],
    labelNames: [],
    rows: [{ labels: [], values: [1, server.versionNumber, server.inRecovery ? 1 : 0] }],
  }
}

function planKey(server: Capabilities): string {
  const { versionNumber, inRecovery, database, user, extensions, schemas } = server
  return JSON.stringify([versionNumber, inRecovery, database, user, [...extensions], [...schemas].sort()])
}

/** Connects and asks. A connection that was lost unseen, or whose backend alone hangs, gets a second chance. */
async function reach<T>(session: Session, round: Round, ask: () => Promise<T>): Promise<T> {
  const connect = (): Promise<void> => session.connect(Math.min(round.timeoutMs / 2, remaining(round)))
  const { generation } = session
  await connect()
  try {
    return await ask()
  } catch (error) {
    const isFresh = session.generation !== generation
    if (isFresh || session.isConnected) throw error
    await connect()
    return ask()
  }
}

/**
 * A promotion between the look at the role and the probes makes the fatal one fail, and a session that an
 * operator ended is no dead server: both are settled by looking again.
 */
async function retriedOnce<T>(work: () => Promise<T>, round: Round): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const code = toPgherdError(error).code
    if ((code !== 'PROBE_FAILED' && code !== 'POSTGRES_UNAVAILABLE') || round.remainingMs() <= 0) throw error
    return work()
  }
}

function remaining(round: Round): number {
  const ms = round.remainingMs()
  if (ms <= 0) throw new PgherdError('TIMED_OUT', 'the deadline of the scrape has passed')
  return ms
}
