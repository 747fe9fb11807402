import type { Clock } from '../../common/clock.ts'
import type { InstanceHealth } from '../../common/health/instance-health.ts'
import { changeKey } from './change-key.ts'
import { runCycle } from './cycle.ts'
import type { CycleFigures } from './cycle.ts'
import { createEtcdWatch } from './etcd-watch.ts'
import { createJsonEndpoint } from './json-endpoint.ts'
import type { JsonAccess } from './json-endpoint.ts'
import type { OpenLink } from './link.ts'
import { patroniOfServer } from './patroni-of-server.ts'
import { createPatroniWatch, patroniViewOf } from './patroni-watch.ts'
import { createPoolerWatch } from './pooler-watch.ts'
import { createServerWatch } from './server-watch.ts'
import type { ServerWatch } from './server-watch.ts'
import { createSpaceWatch, createStatfsTurn } from './space-watch.ts'
import type { Statfs } from './space-watch.ts'

export interface WatchedServer {
  /** The ins and cls labels. */
  readonly server: string
  readonly cluster: string
  readonly open: OpenLink
  /** On this machine, so that its directories are ours to look at. */
  readonly isLocal: boolean
}

export interface WatchedPooler {
  /** What it is called in reports. */
  readonly pooler: string
  /** The ins label of the server that it should lead to. */
  readonly server: string
  readonly way: 'console' | 'through'
  readonly open: OpenLink
}

export interface HealthOptions {
  readonly servers: readonly WatchedServer[]
  readonly poolers: readonly WatchedPooler[]
  readonly patronis: readonly JsonAccess[]
  readonly etcd: readonly JsonAccess[]
  readonly statfs: Statfs
  /** Of this host, by which its own member of a Patroni cluster is known. */
  readonly addresses: ReadonlySet<string>
  readonly clock: Clock
  /** Of a cycle, and of everything asked in it, milliseconds. */
  readonly intervalMs: number
  readonly deadlineMs: number
}

type Observer = (health: InstanceHealth, untilMs: number | null) => void

export interface Health {
  /** At once and from memory: what is known of a server now; undefined for one that is not watched. */
  current(server: string): InstanceHealth | undefined
  all(): readonly InstanceHealth[]
  /** Called when something changes that a load balancer or the collector acts upon; see `changeKey`. */
  subscribe(listener: (health: InstanceHealth) => void): Disposable
  /**
   * Called at once with what is known of each server, in their order, and then after each observation, whatever it changes.
   * @param listener - `untilMs` is until when the server's answer counts, milliseconds since the epoch; null while it was not asked yet
   */
  observe(listener: Observer): Disposable
  /** Until the signal aborts. Never rejects. */
  run(signal: AbortSignal): Promise<void>
  figures(): ReadonlyMap<string, Readonly<CycleFigures>>
}

const etcdEveryMs = 5_000

const noneYet = (): CycleFigures => ({ durationSeconds: 0, cycles: 0, missed: 0 })

/** Keeps the state of all servers of this host, each in a cycle of its own, so that one that hangs delays no other. */
export function createHealth(options: HealthOptions): Health {
  const { clock, intervalMs, deadlineMs, addresses } = options
  const over = new AbortController()
  const common = { clock, intervalMs, deadlineMs, signal: over.signal }
  const etcdIntervalMs = Math.max(etcdEveryMs, intervalMs)
  const listeners = new Set<(health: InstanceHealth) => void>()
  const observers = new Set<Observer>()
  const watches = new Map<string, ServerWatch>()
  const told = new Map<string, string>()
  const cycles = new Map<string, CycleFigures>()
  const turn = createStatfsTurn()

  const onChange: Observer = (health, untilMs) => {
    for (const observer of observers) observer(health, untilMs)
    const key = changeKey(health)
    if (told.get(health.server) === key) return
    told.set(health.server, key)
    for (const listener of listeners) listener(health)
  }
  const judgeAll = (): void => {
    for (const watch of watches.values()) watch.judge()
  }
  const isPoolerOf = (server: string, pooler: WatchedPooler): boolean =>
    pooler.server === server || options.servers.length === 1

  const endpoints = new DisposableStack()
  const patronis = options.patronis.map((access) => {
    const endpoint = endpoints.use(createJsonEndpoint(access, true))
    return createPatroniWatch({ ...common, endpoint, onSeen: judgeAll })
  })
  const etcd = options.etcd.map((access) =>
    createEtcdWatch({
      endpoint: endpoints.use(createJsonEndpoint(access)),
      clock,
      intervalMs: etcdIntervalMs,
      deadlineMs,
    }),
  )
  const poolers = options.poolers.map((pooler) => ({
    pooler,
    watch: createPoolerWatch({ ...common, ...pooler, onSeen: () => watches.get(pooler.server)?.judge() }),
  }))
  for (const { server, cluster, open, isLocal } of options.servers) {
    const watch = createServerWatch({
      ...common,
      server,
      cluster,
      open,
      space: isLocal ? createSpaceWatch({ statfs: options.statfs, turn, clock, intervalMs }) : undefined,
      around: (facts, now) => {
        const place = { addresses, port: facts?.port }
        const seen = patronis.map((one) => one.seen())
        const patroni = patroniOfServer(seen, options.servers.length, place)
        return {
          patroni: patroni === undefined ? null : patroniViewOf(patroni, place, now),
          poolers: poolers
            .filter((one) => isPoolerOf(server, one.pooler))
            .slice(0, 8)
            .map((one) => one.watch.view(facts?.postmasterStartMs ?? null, now)),
          etcd: etcd.slice(0, 16).map((one) => one.view(now)),
        }
      },
      onChange,
    })
    watches.set(server, watch)
    cycles.set(server, noneYet())
  }

  return {
    current: (server) => watches.get(server)?.current(),
    all: () => [...watches.values()].map((watch) => watch.current()),
    subscribe(listener) {
      listeners.add(listener)
      return { [Symbol.dispose]: () => void listeners.delete(listener) }
    },
    observe(listener) {
      observers.add(listener)
      for (const watch of watches.values()) listener(watch.current(), watch.untilMs())
      return { [Symbol.dispose]: () => void observers.delete(listener) }
    },
    async run(signal) {
      const end = (): void => {
        over.abort()
        endpoints.dispose()
      }
      if (signal.aborted) return
      signal.addEventListener('abort', end, { once: true })
      const each = (look: () => Promise<void>, everyMs: number, figures = noneYet()) =>
        runCycle(look, { intervalMs: everyMs, clock, signal, figures })
      await Promise.all([
        ...[...watches].map(([server, watch]) => each(() => watch.look(), intervalMs, cycles.get(server))),
        ...patronis.map((one) => each(() => one.look(), intervalMs)),
        ...poolers.map((one) => each(() => one.watch.look(), intervalMs)),
        ...etcd.map((one) => each(() => one.look(), etcdIntervalMs)),
      ])
    },
    figures: () => cycles,
  }
}
