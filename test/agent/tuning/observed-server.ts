import { openActionSession } from '../../../agent/postgres/action-session.ts'
import type { ActionSession } from '../../../agent/postgres/action-session.ts'
import { readDetails } from '../../../agent/tuning/details/read-details.ts'
import type { Details } from '../../../agent/tuning/details/details.ts'
import type { HostFacts } from '../../../agent/tuning/detect/host-facts.ts'
import { evidenceOfLooks } from '../../../agent/tuning/evidence/evidence-of.ts'
import type { Evidence } from '../../../agent/tuning/evidence/evidence.ts'
import type { Observation } from '../../../agent/tuning/observe/observation.ts'
import { diskOf } from '../../../agent/tuning/observe/host/data-disk.ts'
import { createHostLook } from '../../../agent/tuning/observe/host/host-view.ts'
import { observeServer } from '../../../agent/tuning/observe/observe-server.ts'
import { readObservedServer } from '../../../agent/tuning/observe/observed-server.ts'
import { views } from '../../../agent/tuning/observe/views.ts'
import type { KnownServer } from '../../../agent/tuning/recommend/known-server.ts'
import type { Machine } from '../../../agent/tuning/recommend/machine.ts'
import type { Situation } from '../../../agent/tuning/recommend/situation.ts'
import type { Finding, RuleInput } from '../../../agent/tuning/rules/rule.ts'
import { rules } from '../../../agent/tuning/rules/rules.ts'
import { systemClock } from '../../../common/clock.ts'
import { createKernelFiles } from '../../../common/kernel/kernel-files.ts'
import { startPostgres } from '../../../testbed/postgres.ts'
import type { PostgresMajor, PostgresServer } from '../../../testbed/postgres.ts'
import { waitFor } from '../../../testbed/wait.ts'

const gib = 1024 ** 3

/** A machine that has enough of everything. */
export const quietMachine: Machine = {
  memoryBytes: 64 * gib,
  processors: 16,
  diskClass: 'nvme',
  dataDiskBytes: 1024 * gib,
  walDiskBytes: null,
  fileSystem: 'ext4',
  freeHugePageBytes: 0,
}

/** Its kernel, which says of nothing that it is short. */
export const quietHost: HostFacts = {
  memoryTotalBytes: 64 * gib,
  memoryAvailableBytes: 40 * gib,
  swapTotalBytes: 0,
  swapUsedBytes: 0,
  pageTableBytes: 64 * 1024 ** 2,
  committedBytes: 16 * gib,
  commitLimitBytes: 64 * gib,
  hugePages: { total: 0, free: 0, pageBytes: 2 * 1024 ** 2 },
  transparentHugePages: 'madvise',
  transparentHugePageDefrag: 'madvise',
  clockSource: 'tsc',
  frequencyGovernor: null,
  openFileLimit: 65_536,
  oomScoreAdjust: 0,
  sysctls: new Map(),
  memoryPressurePercent: 0,
  memoryLimitEvents: 0,
  numaNodes: 1,
  isContainer: false,
  otherProcessesBytes: 1 * gib,
  freeDataDiskBytes: 800 * gib,
  freeWalDiskBytes: 800 * gib,
  disks: [],
}

export interface WatchOptions {
  /** Looks again until this holds: PostgreSQL reports some counters a second or so later. */
  readonly until?: (evidence: Evidence) => boolean
  /** Has the looks lie so far apart that the window is as long, for what is bounded per hour; the real time unless told. */
  readonly asHours?: number
  /** Made up, because a test cannot wait so long; a day unless told. */
  readonly hoursSinceStart?: number
  /** Between two looks meanwhile, milliseconds; 250 unless told. */
  readonly everyMs?: number
  /** Whether it sees this machine as well, its processors, its memory and the disk of the data, as an agent does. */
  readonly seesHost?: boolean
}

/** What rules find, by their ids; the others found nothing. */
export interface TestAdvice {
  readonly ids: readonly string[]
  readonly findings: ReadonlyMap<string, Finding>
}

/** A real server with a plain role of pg_monitor that looks at it. */
export interface ObservedTestServer extends AsyncDisposable {
  readonly server: PostgresServer
  readonly session: ActionSession
  /** Looks before, while and after `produce` makes the condition. */
  watch(produce: () => Promise<unknown>, options?: WatchOptions): Promise<Evidence>
  /** What all rules say to it, with this server's own settings and details on the quiet machine unless told. */
  adviceOf(evidence: Evidence, other?: Partial<RuleInput>): Promise<TestAdvice>
  situation(other?: Partial<Situation>): Promise<Situation>
  details(): Promise<Details>
}

export async function startObserved(
  options: {
    readonly major?: PostgresMajor
    readonly settings?: Readonly<Record<string, string>>
    /** Of the server; a temporary one unless told. */
    readonly directory?: string
    /** To create; pg_stat_statements unless told. */
    readonly extensions?: readonly string[]
  } = {},
): Promise<ObservedTestServer> {
  const { extensions = ['pg_stat_statements'], ...starting } = options
  const server = await startPostgres(starting)
  try {
    await server.query('create role observer login in role pg_monitor')
    for (const name of extensions) await server.query(`create extension ${name}`)
    return await observed(server)
  } catch (error) {
    await server[Symbol.asyncDispose]()
    throw error
  }
}

/** The same of one that runs, such as a standby; it is disposed with this. It has to have the role `observer`. */
export async function observed(server: PostgresServer): Promise<ObservedTestServer> {
  const url = server.url('postgres', 'observer')
  const session = await openActionSession({ url, clock: systemClock, slots: new Set(), timeoutMs: 5_000 })
  const facts = await readObservedServer(session, 5_000)
  const failures = new Set<string>()
  const lookAtServer = (): Promise<Observation> =>
    observeServer(session, facts, views, {
      clock: systemClock,
      onFailure: ({ name }, { message }) => void failures.add(`${name}: ${message}`),
    })
  const lookAtAll = await lookWithHost(lookAtServer, server.dataDirectory)
  const details = (): Promise<Details> => readDetails(session, facts)
  const situation = async (other: Partial<Situation> = {}): Promise<Situation> => ({
    machine: quietMachine,
    profile: 'mixed',
    server: await knownServerOf(server),
    connections: null,
    ...other,
  })

  return {
    server,
    session,
    situation,
    details,
    async watch(produce, watching = {}) {
      const { until = () => true, everyMs = 250, seesHost = false } = watching
      const look = seesHost ? lookAtAll : lookAtServer
      const looks = [await look()]
      const over = new AbortController()
      const produced = produce().finally(() => {
        over.abort()
      })
      const sampled = (async () => {
        while (!over.signal.aborted) {
          await systemClock.sleep(everyMs, over.signal)
          looks.push(await look())
        }
      })()
      await Promise.all([produced, sampled])
      let evidence: Evidence | undefined
      await waitFor(
        'the server to tell what was done',
        async () => {
          evidence = evidenceOfLooks(spread([...looks, await look()], watching))
          return evidence !== undefined && until(evidence)
        },
        { timeoutMs: 15_000 },
      )
      if (failures.size > 0) throw new Error(`views that failed: ${[...failures].join('; ')}`)
      return evidence!
    },
    async adviceOf(evidence, other = {}) {
      const input: RuleInput = {
        evidence,
        situation: other.situation ?? (await situation()),
        host: other.host ?? quietHost,
        details: other.details ?? (await details()),
      }
      const findings = new Map(
        rules
          .map((rule) => [rule.id, rule.advise(input)] as const)
          .filter(([, { drafts, notes }]) => drafts.length + notes.length > 0),
      )
      return { ids: [...findings.keys()], findings }
    },
    async [Symbol.asyncDispose]() {
      await session[Symbol.asyncDispose]()
      await server[Symbol.asyncDispose]()
    },
  }
}

/** As an agent's history has it. */
async function lookWithHost(
  look: () => Promise<Observation>,
  dataDirectory: string,
): Promise<() => Promise<Observation>> {
  const files = createKernelFiles('/', () => systemClock.monotonic())
  const lookAtHost = createHostLook(files, () => systemClock.monotonic())
  const disk = await diskOf(files, dataDirectory)
  return async () => {
    const seen = await look()
    const host = lookAtHost(disk)
    return {
      ...seen,
      counters: new Map([...seen.counters, ...host.counters]),
      gauges: new Map([...seen.gauges, ...host.gauges]),
    }
  }
}

/** Other times for the same looks. */
function spread(
  looks: readonly Observation[],
  { asHours, hoursSinceStart = 24 }: WatchOptions,
): readonly Observation[] {
  const firstMs = looks[0]!.atMs
  const lastMs = looks.at(-1)!.atMs
  const factor = asHours === undefined ? 1 : (asHours * 3_600_000) / Math.max(1, lastMs - firstMs)
  const endMs = firstMs + (lastMs - firstMs) * factor
  return looks.map((look) => ({
    ...look,
    atMs: firstMs + (look.atMs - firstMs) * factor,
    serverStartMs: endMs - hoursSinceStart * 3_600_000,
  }))
}

/** Its settings as they are. */
export async function knownServerOf(server: PostgresServer): Promise<KnownServer> {
  const rows = await server.query<Record<string, string | null>>(
    `select name, setting, vartype, unit, context, min_val, max_val, array_to_json(enumvals)::text as enums
       from pg_settings`,
  )
  const extensions = await server.query<{ readonly name: string }>('select name from pg_available_extensions')
  const [size] = await server.query<{ readonly bytes: string }>(
    'select sum(pg_database_size(oid)) as bytes from pg_database',
  )
  const settings = rows.map((row) => [
    String(row['name']),
    {
      value: row['setting'] ?? '',
      vartype: row['vartype'] ?? 'string',
      unit: row['unit'] ?? null,
      context: row['context'] ?? '',
      min: row['min_val'] ?? null,
      max: row['max_val'] ?? null,
      enumValues: row['enums'] == null ? null : (JSON.parse(row['enums']) as string[]),
    },
  ]) satisfies [string, unknown][]
  return {
    major: server.major,
    isRunning: true,
    settings: new Map(settings),
    databaseBytes: Number(size?.bytes),
    peakConnections: null,
    activeSessions: null,
    availableExtensions: new Set(extensions.map(({ name }) => name)),
  }
}
