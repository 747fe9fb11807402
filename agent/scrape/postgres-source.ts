import { toPgherdError } from '../../common/errors.ts'
import type { PgherdError } from '../../common/errors.ts'
import type { Log } from '../../common/log.ts'
import type { SampleTable } from '../../common/series/sample-table.ts'
import { noTracer } from '../../common/tracer.ts'
import type { Tracer } from '../../common/tracer.ts'
import { version } from '../../common/version.ts'
import { createCapabilityReader } from '../postgres/capabilities.ts'
import type { Capabilities } from '../postgres/capabilities.ts'
import { createSession } from '../postgres/session.ts'
import type { ConnectionSlots } from '../postgres/connection-slots.ts'
import type { SessionOptions } from '../postgres/session.ts'
import { parseTarget } from '../postgres/target.ts'
import type { ProbeDefinition } from '../probes/definition.ts'
import { schemasOf } from '../probes/plan.ts'
import { createAvailability } from './availability.ts'
import type { DatabaseFilter } from './database-filter.ts'
import { createDatabaseRotation } from './database-rotation.ts'
import { createExporterFigures } from './exporter-figures.ts'
import { identityLabels } from './identity.ts'
import type { Identity } from './identity.ts'
import { createPlannedProbes, createProbeAccounts } from './planned-probes.ts'
import { createProbeReport } from './probe-report.ts'
import { reach, retriedOnce } from './reach.ts'
import { runProbes } from './run-probes.ts'
import { createServerCgroup } from './server-cgroup.ts'
import type { Measurement, Round, Source } from './source.ts'

export interface PostgresSourceOptions extends Omit<SessionOptions, 'console' | 'backoff'> {
  readonly identity: Identity
  /** From `loadProbes`; asked at each scrape, so that a reload needs no restart. */
  readonly probes: () => readonly ProbeDefinition[]
  /** Of probes that ask for more than the server has; see `explainPlan`. */
  readonly tags?: ReadonlySet<string>
  /** All databases unless told. */
  readonly databases?: DatabaseFilter
  /** Between two looks into a database, where neither its probes nor their budget make it longer; 0 unless told. */
  readonly databaseIntervalMs?: number
  /** Series that the databases besides the main one may have together; see `createDatabaseRotation`. */
  readonly maxDatabaseSeries?: (used: number) => number
  /** What else is known of the server, told with each scrape while it answers. Never throws or waits. */
  readonly besides?: () => readonly SampleTable[]
  readonly log: Log
  readonly tracer?: Tracer
}

/**
 * A PostgreSQL server: connects, looks what it is, runs the probes that fit, then visits its databases in turn. Whatever
 * goes wrong with one probe or one database costs that one; only a server that does not answer is down.
 * @throws PgherdError CONFIG_INVALID for the URL
 */
export function createPostgresSource(options: PostgresSourceOptions): Source {
  const { clock, tags = new Set(), tracer = noTracer } = options
  const target = parseTarget(options.url, options.serviceFile)
  const labels = identityLabels(options.identity, 'pgsql', target.port)
  const log = options.log.child({ job: 'pgsql', instance: labels['instance'] })
  const slots: ConnectionSlots = options.slots ?? new Set()
  const session = createSession({ ...options, slots })
  const visitor = createSession({ ...options, slots, slotWaitMs: visitWaitMs })
  const accounts = createProbeAccounts(options.databaseIntervalMs)
  const planned = createPlannedProbes({ session, accounts, place: '', prepare: true, tags, clock })
  const rotation = createDatabaseRotation({
    session: visitor,
    filter: options.databases ?? { include: [], exclude: [] },
    accounts,
    tags,
    maxSeries: options.maxDatabaseSeries ?? (() => Infinity),
    intervalMs: options.databaseIntervalMs ?? 0,
    clock,
    log,
    tracer,
  })
  const report = createProbeReport(log)
  const figures = createExporterFigures('pg_exporter', clock.now(), version)
  const availability = createAvailability('PostgreSQL', log)
  const cgroup = createServerCgroup(target)
  let plans = 0
  let capabilities = { schemas: '', reader: createCapabilityReader(session, []) }

  const look = (round: Round, schemas: readonly string[]): Promise<Capabilities> => {
    const key = schemas.join()
    if (capabilities.schemas !== key) {
      capabilities = { schemas: key, reader: createCapabilityReader(session, schemas) }
    }
    return reach(session, round, () => capabilities.reader.read(Math.min(lookMs, round.timeoutMs / 4)))
  }

  const measureUp = async (round: Round): Promise<Measurement> => {
    const probes = options.probes()
    const server = await look(round, schemasOf(probes))
    const facts = { ...server, kind: 'postgres', main: true } as const
    report.begin()
    const { runners, isNew } = planned.for(facts, probes)
    if (isNew) {
      // The statements of a former plan end with their connection.
      if (plans++ > 0) await session.leave()
      const { versionNumber, inRecovery } = server
      log.info({ versionNumber, inRecovery, probes: runners.length }, 'scrape: the probes are planned')
    }
    const main = await runProbes(runners, { session, report, place: '', round, tracer })
    const databases = await rotation.measure(round, facts, probes, report)
    // In this order: what comes last is left out first when the agent has too many series.
    const tables = [
      ...(await cgroup.measure(server.backendPid)),
      ...main,
      ...figures.tables(round, runners, server.database),
      ...(options.besides?.() ?? []),
      ...databases.results,
    ]
    return { up: true, essential: [serverTable(server), ...databases.about, ...report.tables(round)], tables }
  }

  return {
    labels,
    whenHung: () => [downTable()],
    async measure(round): Promise<Measurement> {
      try {
        const measured = await retriedOnce(() => measureUp(round), round)
        availability.up()
        return measured
      } catch (thrown) {
        const error = toPgherdError(thrown)
        availability.down(error)
        return { up: false, essential: downTables(error), tables: [] }
      }
    },
    async [Symbol.asyncDispose]() {
      await visitor[Symbol.asyncDispose]()
      await session[Symbol.asyncDispose]()
    },
  }
}

/** Limit of the look at version and role, that of the fatal probes: patient, since it decides about up and down. */
const lookMs = 2_000

/** How long a look that has the other place is waited for, before the databases' turn is put off. */
const visitWaitMs = 500

/** A new one each time: what is given again is not told again at once. */
function downTable(): SampleTable {
  return { metrics: ['pg_up'], labelNames: [], rows: [{ labels: [], values: [0] }] }
}

/** Why it is down: a server that refuses (53300, too many connections) is another matter than one that is gone. */
function downTables(error: PgherdError): readonly SampleTable[] {
  const { sqlstate } = error.details
  return [
    downTable(),
    {
      metrics: ['pgherd_postgres_down_info'],
      labelNames: ['code', 'sqlstate'],
      rows: [{ labels: [error.code, typeof sqlstate === 'string' ? sqlstate : ''], values: [1] }],
    },
  ]
}

function serverTable(server: Capabilities): SampleTable {
  return {
    metrics: ['pg_up', 'pg_version', 'pg_in_recovery'],
    labelNames: [],
    rows: [{ labels: [], values: [1, server.versionNumber, server.inRecovery ? 1 : 0] }],
  }
}
