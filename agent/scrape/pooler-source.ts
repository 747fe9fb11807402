import { toPgherdError } from '../../common/errors.ts'
import type { SampleTable } from '../../common/series/sample-table.ts'
import { noTracer } from '../../common/tracer.ts'
import { version } from '../../common/version.ts'
import { readPoolerVersion } from '../postgres/pooler.ts'
import { createSession } from '../postgres/session.ts'
import { parseTarget } from '../postgres/target.ts'
import { createAvailability } from './availability.ts'
import { createExporterFigures } from './exporter-figures.ts'
import { identityLabels } from './identity.ts'
import { createPlannedProbes, createProbeAccounts } from './planned-probes.ts'
import type { PostgresSourceOptions } from './postgres-source.ts'
import { createProbeReport } from './probe-report.ts'
import { reach, retriedOnce } from './reach.ts'
import { runProbes } from './run-probes.ts'
import type { Measurement, Round, Source } from './source.ts'

/** Of a server, without what only a server has. The URL is that of the console: its database is `pgbouncer`. */
export type PoolerSourceOptions = Omit<
  PostgresSourceOptions,
  'searchPath' | 'databases' | 'databaseIntervalMs' | 'maxDatabaseSeries'
>

/**
 * A pgBouncer, asked on its console, which takes simple SHOW commands only and has no timeouts of its own.
 * @throws PgherdError CONFIG_INVALID for the URL
 */
export function createPoolerSource(options: PoolerSourceOptions): Source {
  const { clock, tags = new Set(), tracer = noTracer } = options
  const target = parseTarget(options.url, options.serviceFile)
  const labels = identityLabels(options.identity, 'pgsql', target.port)
  const log = options.log.child({ job: 'pgsql', instance: labels['instance'] })
  const session = createSession({ ...options, console: true })
  const accounts = createProbeAccounts()
  const planned = createPlannedProbes({ session, accounts, place: '', prepare: false, tags, clock })
  const report = createProbeReport(log)
  const figures = createExporterFigures('pgbouncer_exporter', clock.now(), version)
  const availability = createAvailability('pgBouncer', log)

  const measureUp = async (round: Round): Promise<Measurement> => {
    // Asked each time: it is the sign of life, and an upgrade in place is seen by it.
    const limitMs = Math.min(lookMs, round.timeoutMs / 4)
    const versionNumber = await reach(session, round, () => readPoolerVersion(session, limitMs))
    report.begin()
    const { database, user } = target
    const facts = { ...nothingElse, kind: 'pgbouncer', main: true, versionNumber, database, user } as const
    const { runners, isNew } = planned.for(facts, options.probes())
    if (isNew) log.info({ versionNumber, probes: runners.length }, 'scrape: the probes are planned')
    const tables = await runProbes(runners, { session, report, place: '', round, tracer })
    const about = {
      metrics: ['pgbouncer_up', 'pgbouncer_version'],
      labelNames: [],
      rows: [{ labels: [], values: [1, versionNumber] }],
    }
    return {
      up: true,
      essential: [about, ...report.tables(round)],
      tables: [...tables, ...figures.tables(round, runners, database)],
    }
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
        availability.down(toPgherdError(thrown))
        return { up: false, essential: [downTable()], tables: [] }
      }
    },
    [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
  }
}

const lookMs = 2_000
const nothingElse = {
  inRecovery: false,
  extensions: new Map<string, string>(),
  schemas: new Set<string>(),
}
/** A new one each time: what is given again is not told again at once. */
function downTable(): SampleTable {
  return { metrics: ['pgbouncer_up'], labelNames: [], rows: [{ labels: [], values: [0] }] }
}
