import { isWarm } from '../is-warm.ts'
import { nothing } from '../rule.ts'
import type { Rule } from '../rule.ts'
import { constants } from './constants.ts'

export const overrunCheckpointer: Rule = {
  id: 'W10',
  what: 'sessions that flush tables themselves, because the checkpointer does not keep up',
  advise({ evidence }) {
    const syncs = evidence.increase('writers.client_syncs')
    const perHour = (evidence.perSecond('writers.client_syncs') ?? 0) * 3600
    if (!isWarm(evidence) || syncs === undefined) return nothing
    if (syncs < constants.clientSyncs || perHour < constants.clientSyncsPerHour) return nothing
    return {
      drafts: [],
      notes: [
        `sessions had to flush files of tables themselves ${syncs} times, ${perHour.toFixed(1)} per hour (pg_stat_io.fsyncs of client backends since 16, pg_stat_bgwriter.buffers_backend_fsync before): the checkpointer's list of files was full. First what makes checkpoints frequent (W1) or slow to flush (W3); then more shared_buffers, with which that list grows`,
      ],
    }
  },
}
