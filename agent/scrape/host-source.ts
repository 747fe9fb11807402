import type { Clock } from '../../common/clock.ts'
import { messageOf } from '../../common/errors.ts'
import type { Log } from '../../common/log.ts'
import type { SampleRow, SampleTable } from '../../common/series/sample-table.ts'
import { createClockSyncReader } from '../host/clock-sync/clock-sync-reader.ts'
import { createHost } from '../host/host.ts'
import { createSystemdReader } from '../host/systemd/systemd-reader.ts'
import { identityLabels } from './identity.ts'
import type { Identity } from './identity.ts'
import type { Round, Source } from './source.ts'

/** The port that node_exporter listens on: dashboards and rules know a host by it. */
const nodePort = 9100

/** Of what answers over a socket on this machine. */
const askTimeoutMs = 500

export interface HostSourceOptions {
  readonly identity: Identity
  /** Where /proc lies; `/` unless told. */
  readonly root?: string
  /** Globs of systemd units; PostgreSQL's and its neighbours' unless told. */
  readonly units?: readonly string[] | undefined
  readonly clock: Clock
  readonly log: Log
}

/** What is asked over a socket, beside what the kernel tells: its own failure is its own. */
interface Asked {
  readonly name: string
  readonly ask: (timeoutMs: number) => Promise<readonly SampleTable[] | undefined>
}

/** The machine that the agent runs on. It is up whenever it is asked. */
export function createHostSource(options: HostSourceOptions): Source {
  const { clock, root, units } = options
  const log = options.log.child({ job: 'node' })
  const measureHost = createHost(root === undefined ? { clock } : { clock, root })
  const systemd = createSystemdReader(units === undefined ? { clock } : { clock, patterns: units })
  const readClockSync = createClockSyncReader({ clock })
  const others: readonly Asked[] = [
    { name: 'systemd', ask: (timeoutMs) => systemd.read(timeoutMs) },
    { name: 'timex', ask: (timeoutMs) => readClockSync(timeoutMs) },
  ]
  let known: ReadonlyMap<string, string> = new Map()

  const ask = async ({ name, ask }: Asked, round: Round, failures: Map<string, string>) => {
    const startedMs = clock.monotonic()
    const seconds = (): number => (clock.monotonic() - startedMs) / 1000
    try {
      const tables = await ask(Math.min(askTimeoutMs, round.remainingMs()))
      // Not there: no more to be told than about an interface that the kernel lacks.
      if (tables === undefined) return []
      return [...tables, reportTable({ labels: [name], values: [seconds(), 1] })]
    } catch (error) {
      failures.set(name, messageOf(error))
      return [reportTable({ labels: [name], values: [seconds(), 0] })]
    }
  }

  const tellChanges = (failures: ReadonlyMap<string, string>): void => {
    for (const [collector, failure] of failures) {
      if (known.get(collector) !== failure) log.warn({ collector }, `scrape: a collector failed: ${failure}`)
    }
    known = failures
  }

  return {
    labels: identityLabels(options.identity, 'node', nodePort),
    async measure(round) {
      const asked = new Map<string, string>()
      const [host, ...tables] = await Promise.all([
        measureHost(round.timeoutMs),
        ...others.map((one) => ask(one, round, asked)),
      ])
      tellChanges(new Map([...host.failures, ...asked]))
      return { up: true, tables: [...host.tables, ...tables.flat()] }
    },
    async [Symbol.asyncDispose]() {
      measureHost[Symbol.dispose]()
      await systemd[Symbol.asyncDispose]()
    },
  }
}

function reportTable(row: SampleRow): SampleTable {
  return {
    metrics: ['node_scrape_collector_duration_seconds', 'node_scrape_collector_success'],
    labelNames: ['collector'],
    rows: [row],
  }
}
