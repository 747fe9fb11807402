import { Client } from 'pg'
import type { Predicate, ProbeDefinition } from '../../../agent/probes/definition.ts'
import { planProbes } from '../../../agent/probes/plan.ts'
import { createRowReader } from '../../../agent/probes/rows.ts'
import type { SampleTable } from '../../../common/series/sample-table.ts'
import type { PostgresServer } from '../../../testbed/postgres.ts'

export interface CatalogueRun {
  readonly planned: readonly ProbeDefinition[]
  /** `name{label=value,...}`, the labels that are empty left out. */
  readonly samples: ReadonlyMap<string, number>
  /** Branches a predicate of which did not hold. */
  readonly skipped: readonly string[]
  readonly failed: readonly string[]
  /** Series that came twice. */
  readonly duplicates: readonly string[]
}

/** The settings of the agent's own sessions that decide what a statement may do and how its answer looks. */
const settings = {
  search_path: 'pg_catalog',
  default_transaction_read_only: 'on',
  lock_timeout: '100',
  DateStyle: 'ISO',
  TimeZone: 'UTC',
}

/** Runs what the agent would run on its main connection, once, as the role `pgherd`. */
export async function runCatalogue(
  server: PostgresServer,
  probes: readonly ProbeDefinition[],
): Promise<CatalogueRun> {
  const client = new Client({
    connectionString: server.url('postgres', 'pgherd'),
    types: { getTypeParser: () => (text: string) => text },
    options: Object.entries(settings)
      .map(([name, value]) => `-c ${name}=${value}`)
      .join(' '),
  })
  await client.connect()
  try {
    const planned = planProbes(probes, await factsOf(client))
    const samples = new Map<string, number>()
    const skipped: string[] = []
    const failed: string[] = []
    const duplicates: string[] = []
    for (const probe of planned) {
      try {
        if (!(await allHold(client, probe.predicates))) {
          skipped.push(probe.branch)
          continue
        }
        for (const [key, value] of samplesOf(await measure(client, probe))) {
          if (samples.has(key)) duplicates.push(key)
          samples.set(key, value)
        }
      } catch (error) {
        failed.push(`${probe.branch}: ${error instanceof Error ? error.message : String(error)}`)
      }
    }
    return { planned, samples, skipped, failed, duplicates }
  } finally {
    await client.end()
  }
}

async function factsOf(client: Client): Promise<Parameters<typeof planProbes>[1]> {
  const { rows } = await client.query<[string, string, string]>({
    text: `select current_setting('server_version_num'), pg_is_in_recovery(),
                  (select json_object_agg(extname, extversion) from pg_extension)`,
    rowMode: 'array',
  })
  const [version, inRecovery, extensions] = rows[0]!
  const parsed = JSON.parse(extensions) as Readonly<Record<string, string>>
  return {
    kind: 'postgres',
    main: true,
    versionNumber: Number(version),
    inRecovery: inRecovery === 't',
    database: 'postgres',
    user: 'pgherd',
    extensions: new Map(Object.entries(parsed)),
    schemas: new Set(['monitor']),
  }
}

async function allHold(client: Client, predicates: readonly Predicate[]): Promise<boolean> {
  for (const { query } of predicates) {
    const { rows } = await client.query<[string | null]>({ text: query, rowMode: 'array' })
    if (rows[0]?.[0] !== 't') return false
  }
  return true
}

async function measure(client: Client, probe: ProbeDefinition): Promise<readonly SampleTable[]> {
  await client.query(`set statement_timeout = ${probe.timeoutMs}`)
  const { fields, rows } = await client.query<(string | null)[]>({ text: probe.query, rowMode: 'array' })
  const columns = fields.map(({ name, dataTypeID }) => ({ name, typeId: dataTypeID }))
  return createRowReader(probe)({ columns, rows })
}

function* samplesOf(tables: readonly SampleTable[]): Generator<[string, number]> {
  for (const { metrics, labelNames, rows } of tables) {
    for (const { labels, values } of rows) {
      const own = labelNames.flatMap((name, i) => (labels[i] === '' ? [] : [`${name}=${labels[i] ?? ''}`]))
      const suffix = own.length === 0 ? '' : `{${own.join()}}`
      for (const [i, value] of values.entries()) {
        if (value !== undefined) yield [`${metrics[i] ?? ''}${suffix}`, value]
      }
    }
  }
}
