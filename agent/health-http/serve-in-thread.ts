import { createBackoff } from '../../common/backoff.ts'
import type { Backoff } from '../../common/backoff.ts'
import type { Clock } from '../../common/clock.ts'
import type { InstanceHealth } from '../../common/health/instance-health.ts'
import type { Log } from '../../common/log.ts'
import { startAnswerThread } from './start-thread.ts'
import { countsBytes, readCounts } from './thread-messages.ts'
import type { ThreadSetup, ToldState } from './thread-messages.ts'

/** The cycle that keeps the states. */
export interface ObservedHealth {
  /** Called at once with what is known of each server, the agent's first one first, and then after each observation. */
  observe(listener: (health: InstanceHealth, untilMs: number | null) => void): Disposable
}

export interface HealthThreadOptions extends Pick<
  ThreadSetup,
  'address' | 'tls' | 'staleMs' | 'isCompatible'
> {
  readonly health: ObservedHealth
  readonly clock: Clock
  readonly log: Log
  readonly backoff?: Backoff
}

export interface HealthThreadServer extends AsyncDisposable {
  readonly url: string
  readonly figures: {
    /** Answers so far, and those of them with 200. */
    readonly answered: number
    readonly available: number
    /** How often the thread had to be started anew. */
    readonly restarts: number
  }
}

/** A thread that has lived for so long is started anew without much of a wait. */
const wellMs = 60_000

/**
 * Serves the health paths from a thread of its own, which nothing else that the agent does can hold up. A thread that ends is
 * started anew, since measuring goes on without it, and load balancers take the host out by themselves meanwhile.
 * @throws PgherdError PORT_TAKEN, or CONFIG_INVALID for an address that this machine does not have or a certificate that cannot be used
 */
export async function serveHealthInThread(options: HealthThreadOptions): Promise<HealthThreadServer> {
  const { health, clock, log, address, tls, staleMs, isCompatible } = options
  const backoff = options.backoff ?? createBackoff()
  const counts = new BigUint64Array(new SharedArrayBuffer(countsBytes))
  const over = new AbortController()
  const told = new Map<string, string>()
  const changed = new Set<string>()
  const isOver = (): boolean => over.signal.aborted
  let restarts = 0

  const start = (port: number) =>
    startAnswerThread({
      address: { host: address.host, port },
      tls,
      staleMs,
      isCompatible,
      counts: counts.buffer,
      states: [...told.values()],
    })
  const post = (): void => {
    if (!isOver()) thread.post([...changed].flatMap((server) => told.get(server) ?? []))
    changed.clear()
  }

  await using stack = new AsyncDisposableStack()
  stack.use(
    health.observe((state, untilMs) => {
      const { server } = state
      const text = JSON.stringify({ health: state, untilMs } satisfies ToldState)
      if (told.get(server) === text) return
      told.set(server, text)
      if (changed.size === 0) setImmediate(post)
      changed.add(server)
    }),
  )
  let thread = start(address.port)
  let startedMs = clock.monotonic()
  stack.defer(() => thread[Symbol.asyncDispose]())
  const url = await thread.listening
  const port = Number(new URL(url).port)

  const keepUp = async (): Promise<void> => {
    for (;;) {
      const err = await thread.ended
      if (isOver()) return
      log.error({ err }, 'the thread that answers load balancers has ended; it is started anew')
      if (clock.monotonic() - startedMs > wellMs) backoff.reset()
      await clock.sleep(backoff.next(), over.signal)
      if (isOver()) return
      restarts++
      startedMs = clock.monotonic()
      thread = start(port)
    }
  }
  const keeping = keepUp()
  stack.defer(() => over.abort())
  const opened = stack.move()
  return {
    url,
    figures: {
      get answered() {
        return readCounts(counts).answered
      },
      get available() {
        return readCounts(counts).available
      },
      get restarts() {
        return restarts
      },
    },
    async [Symbol.asyncDispose]() {
      await opened.disposeAsync()
      await keeping
    },
  }
}
