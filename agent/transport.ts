import type { Clock } from '../common/clock.ts'
import type { Log } from '../common/log.ts'
import type { Tracer } from '../common/tracer.ts'
import { PgherdError } from '../common/errors.ts'
import type { AgentConfig } from './config.ts'
import { accessOf } from '../common/config/access-options.ts'
import type { TlsPaths } from '../common/http-credentials.ts'
import { createDestination } from '../common/push/destination.ts'
import type { Proxy } from '../common/proxy.ts'
import { withMemory } from '../common/push/memory-queue.ts'
import type { PusherStats } from '../common/push/pusher.ts'
import type { SpoolRecord } from '../common/spool/record.ts'
import { openSpool } from '../common/spool/spool.ts'
import type { SpoolStats } from '../common/spool/spool.ts'

/** The way of the measurements out of the agent: one spool, and a pusher per destination. */
export interface Transport extends AsyncDisposable {
  /**
   * See `Spool`; but what a full disk does not take is kept in memory, up to a mebibyte of the newest, for the
   * destinations that can be reached.
   */
  append(record: SpoolRecord): Promise<void>
  /** Pushes until the signal aborts, then what it can in a moment. Never rejects. */
  run(signal: AbortSignal): Promise<void>
  spool(): SpoolStats
  /** By name of the destination. */
  pushers(): Readonly<Record<string, PusherStats>>
}

export type TransportConfig = Pick<
  AgentConfig,
  | 'collector.url'
  | 'collector.order'
  | 'destinations'
  | 'scrape.interval'
  | 'spool.directory'
  | 'spool.max_bytes'
  | 'spool.max_age'
>

/** The collector's name in the spool on disk. */
const collectorName = 'collector'

/** With `order: fresh`, what is older than this many intervals waits behind what is newer. */
const freshIntervals = 6

const maxMemoryBytes = 1 << 20
const quietMs = 60_000

/** @throws PgherdError of `openSpool` */
export async function openTransport(
  config: TransportConfig,
  {
    clock,
    log,
    tracer,
    tls,
    proxy,
  }: {
    readonly clock: Clock
    readonly log: Log
    readonly tracer: Tracer
    /** For the collector, as `pgherd-agent join` keeps it. */
    readonly tls?: TlsPaths | undefined
    /** To the collector; destinations are reached without it. */
    readonly proxy?: Proxy | undefined
  },
): Promise<Transport> {
  await using stack = new AsyncDisposableStack()
  const receivers = [
    {
      name: collectorName,
      url: `${config['collector.url']}/api/v1/write`,
      order: config['collector.order'],
      start: 'oldest' as const,
      access: { tls, proxy },
    },
    ...config.destinations.map((one) => ({ ...one, access: accessOf(one) })),
  ]
  const freshMs = freshIntervals * config['scrape.interval']
  const spool = stack.use(
    await openSpool({
      directory: config['spool.directory'],
      readers: receivers.map(({ name, order, start }) => ({
        name,
        start,
        ...(order === 'fresh' ? { freshMs } : {}),
      })),
      maxBytes: config['spool.max_bytes'],
      maxAgeMs: config['spool.max_age'],
      clock,
      log: log.child({ part: 'spool' }),
    }),
  )
  const queues = new Map(receivers.map(({ name }) => [name, withMemory(spool.reader(name), maxMemoryBytes)]))
  const pushers = receivers.map(({ name, url, access }) => ({
    name,
    pusher: stack.use(
      createDestination({
        name,
        url,
        ...access,
        queue: queues.get(name)!,
        pusher: { userAgent: 'pgherd-agent' },
        clock,
        log: log.child({ part: 'push' }),
        tracer,
      }),
    ),
  }))
  let quietUntil = -Infinity
  const keepInMemory = (record: SpoolRecord, error: PgherdError) => {
    for (const queue of queues.values()) queue.offer(record)
    const now = clock.monotonic()
    if (now < quietUntil) return
    quietUntil = now + quietMs
    log.warn({ part: 'spool', error: error.message }, 'spool: new measurements are kept in memory only')
  }
  const opened = stack.move()
  return {
    async append(record) {
      try {
        await spool.append(record)
      } catch (error) {
        if (!(error instanceof PgherdError) || error.code !== 'DISK_FULL') throw error
        keepInMemory(record, error)
      }
    },
    async run(signal) {
      await Promise.all(pushers.map(({ pusher }) => pusher.run(signal)))
    },
    spool: () => spool.stats(),
    pushers: () => Object.fromEntries(pushers.map(({ name, pusher }) => [name, pusher.stats()])),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  }
}
