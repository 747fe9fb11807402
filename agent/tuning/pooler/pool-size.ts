import { constants } from './constants.ts'
import { neededBy } from './pool-load.ts'
import type { PoolLoad } from './pool-load.ts'
import type { PooledServer } from './pooler-seen.ts'

/** What a pool should be: larger, smaller, or why not larger although clients wait for it. */
export type PoolWish =
  | { readonly way: 'up' | 'down'; readonly size: number; readonly reason: string }
  | { readonly way: 'stay'; readonly size: number; readonly note?: string }

/** @param looks - how often it was looked at */
export function wishFor(pool: PoolLoad, server: PooledServer, looks: number): PoolWish {
  const { size, waitingShare, longestWaitMs, held, kept, mostUsed } = pool
  const stay = { way: 'stay', size } as const
  if (looks < constants.fewestLooks) return stay
  const name = `${pool.user} on ${pool.database}`
  const fewer = fewerAtOnce(pool, server)
  if (fewer !== undefined) return fewer
  if (waitingShare > constants.waitingShare || longestWaitMs > constants.longWaitMs) {
    const waits = `clients of ${name} waited for a connection in ${Math.round(waitingShare * 100)} % of ${looks} looks (up to ${printMs(longestWaitMs)}), while all ${size} were in use`
    const why = whyNotMore(server)
    if (why !== undefined) return { ...stay, note: `${waits}, but ${why}: a larger pool would not help` }
    const larger = Math.max(size + 1, Math.floor(size * constants.up))
    return { way: 'up', size: larger, reason: `${waits}${printNeed(pool)}` }
  }
  // What is kept open by min_pool_size tells nothing of what was needed.
  const needed = held > kept ? held : mostUsed
  const smaller = Math.max(
    Math.floor(size * constants.down),
    Math.ceil((neededBy(pool.transactions) ?? 0) * constants.room),
    needed,
    kept,
    constants.leastPool,
  )
  const isIdle = pool.waitingShare === 0 && needed <= size * constants.idleShare
  if (!isIdle || smaller >= size) return stay
  return {
    way: 'down',
    size: smaller,
    reason: `${name} has needed ${needed} of ${size} connections since the last server_idle_timeout, and nobody waited${printNeed(pool)}`,
  }
}

/** Where sessions wait for each other inside of a server that has no processor left for them. */
function fewerAtOnce(
  { size, meanUsed, user, database }: PoolLoad,
  server: PooledServer,
): PoolWish | undefined {
  const { busyProcessors, lockWaits, processors } = server
  if ((busyProcessors ?? 0) <= constants.hotProcessors || (lockWaits ?? 0) <= constants.lockWaits)
    return undefined
  const smaller = Math.max(Math.floor(size * constants.down), 2 * processors + 1)
  // A pool that is hardly used is not what keeps the server busy.
  if (smaller >= size || meanUsed < size * constants.idleShare) return undefined
  const reason = `the processors of the server are ${percent(busyProcessors)} busy at the peak and ${percent(lockWaits)} of its sessions at work wait for each other, with ${Number(meanUsed.toPrecision(2))} of ${size} connections of ${user} on ${database} in use`
  return { way: 'down', size: smaller, reason }
}

const percent = (share: number | null): string => `${Math.round((share ?? 0) * 100)} %`

/** Half a sentence, where more sessions at once would only wait for each other. */
function whyNotMore({ busyProcessors, activeSessions, processors }: PooledServer): string | undefined {
  if (busyProcessors !== null && busyProcessors > constants.busyProcessors) {
    return `the processors of the server are ${Math.round(busyProcessors * 100)} % busy at the peak`
  }
  const most = constants.activePerProcessor * processors
  if (activeSessions !== null && activeSessions > most) {
    return `${Math.round(activeSessions)} sessions are active on ${processors} processors at the peak`
  }
  return undefined
}

function printNeed({ transactions }: PoolLoad): string {
  const needed = neededBy(transactions)
  if (transactions === undefined || needed === undefined) return ''
  const { perSecond, meanMs } = transactions
  return `; ${Number(perSecond.toPrecision(3))} transactions per second of ${printMs(meanMs)} keep ${Number(needed.toPrecision(2))} busy`
}

function printMs(ms: number): string {
  return ms >= 1000 ? `${(ms / 1000).toFixed(1)} s` : `${Number(ms.toPrecision(2))} ms`
}
