import type { JSX } from 'preact'
import type { ClusterBackups } from '../../../common/backup/backup-view.ts'
import { formatDateTime } from '../format/time.ts'
import { formatSeconds, formatValue } from '../format/units.ts'
import { spokesman } from './cluster-state.ts'
import { ColumnHeads } from '../parts/column-heads.tsx'

const bad: ReadonlySet<string> = new Set(['failed', 'interrupted', 'missed'])

/** What ran, the newest first, then the backups that are kept and where. */
export function RunTable({ backups }: { readonly backups: ClusterBackups }): JSX.Element {
  const report = spokesman(backups)?.report
  return (
    <>
      <ul class="plain-list">
        {(report?.repositories ?? []).map((one) => (
          <li key={one.repository}>
            Repository {one.repository}: <code>{one.where}</code>, {formatValue(one.sizeBytes, 'bytes')},{' '}
            {formatValue(one.freeBytes, 'bytes')} free{one.isEncrypted ? ', encrypted' : ''}
          </li>
        ))}
      </ul>
      <div class="scroll" tabIndex={0} role="region" aria-label={`Runs of ${backups.cluster}`}>
        <table>
          <ColumnHeads names={['Started', 'What', 'On', 'Took', 'How it ended', 'Message']} />
          <tbody>
            {backups.runs.map((run) => (
              <tr key={`${run.node} ${run.id}`} class={bad.has(run.outcome) ? 'row-bad' : ''}>
                <td>{formatDateTime(run.startedMs)}</td>
                <td>{run.operation}</td>
                <td>{run.node}</td>
                <td class="right">
                  {run.finishedMs === null
                    ? ''
                    : formatSeconds(Math.round((run.finishedMs - run.startedMs) / 1000))}
                </td>
                <td>
                  {run.outcome}
                  {run.problem !== null && ` (${run.problem})`}
                </td>
                <td class="wrap">{run.message}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <div
        class="scroll"
        tabIndex={0}
        role="region"
        aria-label={`Backups of ${backups.cluster} that are kept`}
      >
        <table>
          <ColumnHeads names={['Ended', 'Type', 'Label', 'Database', 'Stored', 'Repository']} />
          <tbody>
            {(report?.sets ?? []).toReversed().map((set) => (
              <tr key={`${set.repository} ${set.label}`} class={set.hasErrors ? 'row-bad' : ''}>
                <td>{formatDateTime(set.finishedMs)}</td>
                <td>{set.type}</td>
                <td>
                  <code>{set.label}</code>
                </td>
                <td class="right">{formatValue(set.sizeBytes, 'bytes')}</td>
                <td class="right">{formatValue(set.storedBytes, 'bytes')}</td>
                <td class="right">{set.repository}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  )
}
