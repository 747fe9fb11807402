import type { Clock } from '../../common/clock.ts'
import type { Log } from '../../common/log.ts'
import { createHost } from '../host/host.ts'
import { identityLabels } from './identity.ts'
import type { Identity } from './identity.ts'
import type { Source } from './source.ts'

/** The port that node_exporter listens on: dashboards and rules know a host by it. */
const nodePort = 9100

export interface HostSourceOptions {
  readonly identity: Identity
  /** Where /proc lies; `/` unless told. */
  readonly root?: string
  /** Globs of systemd units; PostgreSQL's and its neighbours' unless told. */
  readonly units?: readonly string[] | undefined
  readonly clock: Clock
  readonly log: Log
}

/** The machine that the agent runs on. It is up whenever it is asked. */
export function createHostSource(options: HostSourceOptions): Source {
  const { clock, root } = options
  const log = options.log.child({ job: 'node' })
  const measure = createHost(root === undefined ? { clock } : { clock, root })
  let known: ReadonlyMap<string, string> = new Map()
  return {
    labels: identityLabels(options.identity, 'node', nodePort),
    async measure(round) {
      const { tables, failures } = await measure(round.timeoutMs)
      for (const [collector, failure] of failures) {
        if (known.get(collector) !== failure) {
          log.warn({ collector }, `scrape: a collector failed: ${failure}`)
        }
      }
      known = failures
      return { up: true, tables }
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
}
