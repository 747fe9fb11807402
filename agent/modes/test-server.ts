import type { Clock } from '../../common/clock.ts'
import { PgherdError, messageOf } from '../../common/errors.ts'
import type { Session } from '../postgres/session.ts'
import type { ProbeDefinition } from '../probes/definition.ts'
import { planProbes } from '../probes/plan.ts'
import type { ServerFacts } from '../probes/plan.ts'
import { createProbeAccount } from '../scrape/probe-account.ts'
import { createProbeRunner } from '../scrape/probe-runner.ts'
import { beginRound } from '../scrape/source.ts'
import { grantFor } from './grant-for.ts'
import type { TestReport } from './test-report.ts'

export interface ServerTest {
  readonly session: Session
  readonly facts: ServerFacts & { readonly databases: readonly string[] }
  readonly probes: readonly ProbeDefinition[]
  readonly tags: ReadonlySet<string>
  readonly clock: Clock
  readonly report: TestReport
}

const timeoutMs = 30_000

/** Runs each probe that fits a server once, and looks for what would give more. */
export async function testServer(test: ServerTest): Promise<void> {
  const { session, facts, clock, report } = test
  if (facts.kind === 'postgres') await testRole(test)
  let costMs = 0
  let series = 0
  for (const probe of planProbes(test.probes, facts, test.tags)) {
    const runner = createProbeRunner({ session, probe, account: createProbeAccount(probe), place: '', clock })
    if (!session.isConnected) await session.connect(timeoutMs)
    const { outcome, durationMs } = await runner.run(beginRound(clock.now(), timeoutMs, clock))
    costMs += durationMs
    const ms = durationMs.toFixed(1).padStart(6)
    if (outcome.state === 'measured') {
      const samples = outcome.tables.reduce((sum, table) => sum + samplesOf(table), 0)
      series += samples
      report.good(`${ms} ms  ${probe.branch}: ${outcome.rows} rows, ${samples} series`)
    } else if (outcome.state === 'failed') {
      report.bad(`${probe.branch}: ${outcome.error.message}`)
    } else if (outcome.predicate.grant === undefined) {
      report.good(`${ms} ms  ${probe.branch}: nothing to measure here (${outcome.predicate.name})`)
    } else {
      report.missing(`${probe.branch}: ${probe.description}`, grantFor(outcome.predicate.grant, facts.user))
    }
  }
  report.say(`  all probes once: ${costMs.toFixed(1)} ms, ${series} series`)
  if (facts.kind === 'postgres' && facts.databases.length > 1) {
    report.say(`  further databases: ${facts.databases.filter((name) => name !== facts.database).join(', ')}`)
  }
}

function samplesOf({ rows }: { readonly rows: readonly { readonly values: readonly unknown[] }[] }): number {
  return rows.reduce((sum, { values }) => sum + values.filter((value) => value !== undefined).length, 0)
}

const roleQuery = `
select rolsuper,
       pg_has_role(current_user, 'pg_monitor', 'usage'),
       current_setting('track_io_timing') = 'on',
       current_setting('track_functions') <> 'none',
       -- The view hides from a role what it may not read, where the function would fail.
       (select setting like '%pg_stat_statements%' from pg_settings where name = 'shared_preload_libraries')
  from pg_roles
 where rolname = current_user`

/** What the role and the settings of the server leave out. */
async function testRole({ session, facts, report }: ServerTest): Promise<void> {
  const role = grantFor('{role}', facts.user)
  try {
    const { rows } = await session.query({ text: roleQuery }, timeoutMs)
    const [superuser, monitor, io, functions, statements] = (rows[0] ?? []).map((value) => value === 't')
    if (superuser === true) {
      report.missing(
        `least privilege: ${role} is a superuser and need not be one`,
        `ALTER ROLE ${role} NOSUPERUSER; GRANT pg_monitor TO ${role};`,
      )
    } else if (monitor !== true)
      report.missing('most of it: the role lacks pg_monitor', `GRANT pg_monitor TO ${role};`)
    else report.good('the role has pg_monitor and is no superuser')
    if (io !== true)
      report.missing(
        'times of reads and writes',
        'track_io_timing = on (measure its cost with pg_test_timing)',
      )
    if (functions !== true) report.missing('figures of functions (pg_func)', 'track_functions = pl')
    if (!facts.extensions.has('pg_stat_statements')) {
      report.missing(
        'figures of queries (pg_query)',
        statements === true
          ? `CREATE EXTENSION pg_stat_statements; in database ${facts.database}`
          : `shared_preload_libraries = 'pg_stat_statements', a restart, and CREATE EXTENSION pg_stat_statements; in database ${facts.database}`,
      )
    }
  } catch (error) {
    if (!(error instanceof PgherdError)) throw error
    report.bad(`the look at the role: ${messageOf(error)}`)
  }
}
