import type { Clock } from '../common/clock.ts'
import type { Log } from '../common/log.ts'
import type { Tracer } from '../common/tracer.ts'
import type { AgentConfig } from './config.ts'
import { accessOf } from './config/access-options.ts'
import { createDestination } from './push/destination.ts'
import type { PusherStats } from './push/pusher.ts'
import type { SpoolRecord } from './spool/record.ts'
import { openSpool } from './spool/spool.ts'
import type { SpoolStats } from './spool/spool.ts'

/** The way of the measurements out of the agent: one spool, and a pusher per destination. */
export interface Transport extends AsyncDisposable {
  /** See `Spool`. */
  append(record: SpoolRecord): Promise<void>
  /** Pushes until the signal aborts, then what it can in a moment. Never rejects. */
  run(signal: AbortSignal): Promise<void>
  spool(): SpoolStats
  /** By name of the destination. */
  pushers(): Readonly<Record<string, PusherStats>>
}

/** The collector's name in the spool on disk. */
const collectorName = 'collector'

/** With `order: fresh`, what is older than this many intervals waits behind what is newer. */
const freshIntervals = 6

/** @throws PgherdError of `openSpool` */
export async function openTransport(
  config: AgentConfig,
  { clock, log, tracer }: { readonly clock: Clock; readonly log: Log; readonly tracer: Tracer },
): Promise<Transport> {
  await using stack = new AsyncDisposableStack()
  const receivers = [
    {
      name: collectorName,
      url: `${config['collector.url']}/api/v1/write`,
      order: config['collector.order'],
      start: 'oldest' as const,
      access: {},
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
  const pushers = receivers.map(({ name, url, access }) => ({
    name,
    pusher: stack.use(
      createDestination({
        name,
        url,
        ...access,
        queue: spool.reader(name),
        clock,
        log: log.child({ part: 'push' }),
        tracer,
      }),
    ),
  }))
  const opened = stack.move()
  return {
    append: (record) => spool.append(record),
    async run(signal) {
      await Promise.all(pushers.map(({ pusher }) => pusher.run(signal)))
    },
    spool: () => spool.stats(),
    pushers: () => Object.fromEntries(pushers.map(({ name, pusher }) => [name, pusher.stats()])),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  }
}
