import type { Clock } from '../common/clock.ts'
import { clusterOf } from '../common/trust/agent-name.ts'
import type { NewEvent } from '../common/wire/events.ts'
import type { Certificates } from './fleet/certificates.ts'
import type { InsertService } from './http/insert-service.ts'
import type { Ingest } from './ingest/ingest.ts'
import type { MayWrite } from './ingest/series-owner.ts'

/** One event per agent in this time. */
const eventEveryMs = 600_000

/**
 * Whose series the agent of a node may write: its own, and those of servers that it measures from afar. A node with a
 * certificate of its own is nobody else's, and the cluster is always that in the name: a server is called `<cls>-<seq>`.
 * Addresses are not looked at, as no certificate says them.
 */
export function writesOf(node: string, certificates: Pick<Certificates, 'isEnrolled'>): MayWrite {
  return ({ ins, cls }) => {
    const seq = ins.startsWith(`${cls}-`) ? ins.slice(cls.length + 1) : ''
    return /^\d+$/.test(seq) && (ins === node || !certificates.isEnrolled(ins))
  }
}

/** Takes samples in, of agents only what is theirs; what is not is told as an event. */
export function insertService(
  ingest: Ingest,
  options: {
    readonly certificates: Pick<Certificates, 'isEnrolled'>
    readonly clock: Clock
    readonly add: (event: NewEvent) => void
    /** Agents may write whatever they like. */
    readonly isFree: boolean
  },
): InsertService {
  const { certificates, clock, add } = options
  const toldAt = new Map<string, number>()
  const tell = (node: string, series: number): void => {
    const nowMs = clock.monotonic()
    if (nowMs - (toldAt.get(node) ?? -Infinity) < eventEveryMs) return
    toldAt.set(node, nowMs)
    const text = `its agent sent ${series} series of others, which were refused`
    add({
      type: 'samples-refused',
      node,
      cluster: clusterOf(node),
      text,
      command: null,
    })
  }
  return {
    ...ingest,
    async write(body, headers, extra, node) {
      if (node === undefined || options.isFree) return ingest.write(body, headers, extra)
      const result = await ingest.write(body, headers, extra, writesOf(node, certificates))
      const foreignSeries = result.rejectedSeries.foreign_owner ?? 0
      if (foreignSeries > 0) tell(node, foreignSeries)
      return { ...result, foreignSeries }
    },
  }
}
