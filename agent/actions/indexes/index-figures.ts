import type { Figure } from '../../../common/self-metrics.ts'
import type { IndexWork } from './index-work.ts'
import { openRecords } from './keep-indexes.ts'
import type { TrialRecord } from './ledger-record.ts'

/** What goes on of what was done to indexes, for all servers of the host. */
export function indexFigures(work: Pick<IndexWork, 'ledger' | 'clock' | 'busy'>): readonly Figure[] {
  const trials = (): readonly TrialRecord[] =>
    openRecords(work).filter((one): one is TrialRecord => one.kind === 'trial')
  return [
    {
      name: 'pgherd_index_trials',
      help: 'Indexes that are kept from the planner by a trial.',
      read: () => trials().length,
    },
    {
      name: 'pgherd_index_trial_overdue_seconds',
      help: 'How long a trial is over its time and could not be ended; 0 where none is.',
      read: () => Math.max(0, ...trials().map(({ untilMs }) => (work.clock.now() - untilMs) / 1000)),
    },
    {
      name: 'pgherd_index_unfinished',
      help: 'Drops and builds of indexes that a command has left, and that the agent tries to finish or to clean up.',
      read: () => openRecords(work).filter(({ kind, id }) => kind !== 'trial' && !work.busy.has(id)).length,
    },
  ]
}
