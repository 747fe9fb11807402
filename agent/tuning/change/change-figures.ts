import type { Figure, LabelledValue } from '../../../common/self-metrics.ts'
import type { ChangeRecord } from './change-record.ts'
import type { ChangeWork } from './change-work.ts'

/** What has become of changes of settings, by server. */
export function changeFigures({
  journal,
  counts,
}: Pick<ChangeWork, 'journal' | 'counts'>): readonly Figure[] {
  const newest = (): readonly ChangeRecord[] => journal.servers.flatMap((server) => newestOf(journal, server))
  return [
    {
      name: 'pgherd_tuning_change_state',
      help: '1 for the state of the newest change of settings on a server.',
      labels: ['server', 'state'],
      read: () => newest().map(({ server, state }) => ({ labels: { server, state }, value: 1 })),
    },
    {
      name: 'pgherd_tuning_change_timestamp_seconds',
      help: 'When that change began, seconds since the epoch.',
      labels: ['server'],
      read: () => newest().map(({ server, startedMs }) => ({ labels: { server }, value: startedMs / 1000 })),
    },
    {
      name: 'pgherd_tuning_guard_until_timestamp_seconds',
      help: 'When the guard of a change that is watched decides, seconds since the epoch.',
      labels: ['server'],
      read: () =>
        newest().flatMap(({ server, state, untilMs }) =>
          state === 'watching' && untilMs !== null ? [{ labels: { server }, value: untilMs / 1000 }] : [],
        ),
    },
    {
      name: 'pgherd_tuning_guard_worse',
      help: 'Figures that the guard finds worse than its bound at the moment.',
      labels: ['server'],
      read: () =>
        newest().flatMap(({ server, state, readings }): readonly LabelledValue[] =>
          state === 'watching'
            ? [{ labels: { server }, value: readings.filter(({ isWorse }) => isWorse).length }]
            : [],
        ),
    },
    {
      name: 'pgherd_tuning_changes_total',
      help: 'Changes of settings that ended since the start of the agent, by how.',
      label: 'outcome',
      read: () => ({ kept: counts.kept, 'rolled-back': counts.rolledBack, 'left-alone': counts.leftAlone }),
    },
  ]
}

function newestOf(journal: ChangeWork['journal'], server: string): readonly ChangeRecord[] {
  try {
    return journal.of(server).slice(-1)
  } catch {
    // A damaged journal has none to tell of.
    return []
  }
}
