import { z } from 'zod'
import type { Clock } from '../../common/clock.ts'
import type { InstanceHealth } from '../../common/health/instance-health.ts'
import type { Contact } from './contact.ts'
import { createLinkWatch } from './link-watch.ts'
import type { Link, OpenLink } from './link.ts'
import { fresh, momentOf } from './seen.ts'
import type { Moment, Seen } from './seen.ts'
import { askJson } from './server-link.ts'
import { postmasterStart } from './sql-expressions.ts'

type PoolerView = InstanceHealth['poolers'][number]

export interface PoolerWatchOptions {
  /** What it is called in reports. */
  readonly pooler: string
  /** Its console, or a database through it. */
  readonly open: OpenLink
  /** `through` proves by the answer which server is behind it; the console proves only that the pooler lives. */
  readonly way: 'console' | 'through'
  readonly clock: Clock
  readonly intervalMs: number
  readonly deadlineMs: number
  readonly onSeen: () => void
  readonly signal: AbortSignal
}

export interface PoolerWatch {
  look(): Promise<void>
  /** @param postmasterStartMs of the server that it should lead to; null while that is not known */
  view(postmasterStartMs: number | null, now: Moment): PoolerView
}

const start = z.number()
const throughStatement = { name: '', text: `select ${postmasterStart}` }

/** A pgBouncer. The moment at which the server behind it started is its proof: another server has another one. */
export function createPoolerWatch(options: PoolerWatchOptions): PoolerWatch {
  const { clock, intervalMs, deadlineMs, signal } = options
  let seen: Seen<Contact<number | undefined>> | undefined

  const ask = async (link: Link): Promise<number | undefined> => {
    if (options.way === 'through') return askJson(link, throughStatement, start)
    await link.query({ name: '', text: 'show version' })
    return undefined
  }
  const links = createLinkWatch({
    open: options.open,
    ask,
    deadlineMs,
    clock,
    signal,
    onContact(value, againMs) {
      seen = { value, at: momentOf(clock), validMs: 2 * (intervalMs + deadlineMs) + againMs }
      options.onSeen()
    },
  })

  return {
    look: () => links.look(),
    view(postmasterStartMs, now) {
      const { pooler, way } = options
      const contact = fresh(seen, now)
      if (contact === undefined) {
        return { pooler, isReachable: false, reachesServer: null, reason: 'it was not asked for too long' }
      }
      if (contact.kind !== 'answered') {
        // It answers itself, and says that the way to the server is broken.
        const isReachable = contact.kind === 'refusing' || contact.kind === 'starting'
        const reachesServer = way === 'through' ? false : null
        return { pooler, isReachable, reachesServer, reason: contact.reason }
      }
      if (contact.value === undefined) {
        return { pooler, isReachable: true, reachesServer: null, reason: 'its console answers' }
      }
      if (postmasterStartMs === null) {
        return { pooler, isReachable: true, reachesServer: null, reason: 'the server itself is not known' }
      }
      return contact.value === postmasterStartMs
        ? { pooler, isReachable: true, reachesServer: true, reason: 'ok' }
        : { pooler, isReachable: true, reachesServer: false, reason: 'it leads to another server' }
    },
  }
}
