import type { Clock } from '../common/clock.ts'
import { clusterOf } from '../common/trust/agent-name.ts'
import type { NewEvent } from '../common/wire/events.ts'
import type { AgentRights } from './agent-rights.ts'
import type { InsertService } from './http/insert-service.ts'
import type { Ingest } from './ingest/ingest.ts'

/** One event per agent in this time. */
const eventEveryMs = 600_000

/** Takes samples in, of agents only what is theirs; what is not is told as an event. */
export function insertService(
  ingest: Ingest,
  options: {
    readonly rights: AgentRights
    readonly clock: Clock
    readonly add: (event: NewEvent) => void
  },
): InsertService {
  const { rights, clock, add } = options
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
      const mayWrite = node === undefined ? undefined : rights(node)
      if (node === undefined || mayWrite === undefined) return ingest.write(body, headers, extra)
      const result = await ingest.write(body, headers, extra, mayWrite)
      const foreignSeries = result.rejectedSeries.foreign_owner ?? 0
      if (foreignSeries > 0) tell(node, foreignSeries)
      return { ...result, foreignSeries }
    },
  }
}
