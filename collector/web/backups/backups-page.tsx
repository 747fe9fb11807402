import type { JSX } from 'preact'
import { backupsAnswer } from '../../../common/backup/backup-view.ts'
import { CopyLine } from '../parts/copy-line.tsx'
import { FindField } from '../parts/find-field.tsx'
import type { PageContext } from '../state/page-context.ts'
import { link, navigate, useLocation } from '../state/route.ts'
import { useTitle } from '../state/title.ts'
import { usePolled } from '../state/use-polled.ts'
import { MarkShape } from './backup-timeline.tsx'
import { ClusterBackupsView } from './cluster-backups.tsx'
import { backupState } from './cluster-state.ts'
import { concern } from '../fleet/level.ts'

const dayMs = 86_400_000
const ranges: ReadonlyMap<string, number> = new Map([
  ['1d', dayMs],
  ['7d', 7 * dayMs],
  ['30d', 30 * dayMs],
])
/** Agents tell each minute. */
const beatsPerLook = 6

/** What can be restored of each cluster, from which backups, what failed, and what is due. */
export function BackupsPage({ context }: { readonly context: PageContext }): JSX.Element {
  const { client, refresh } = context
  useTitle('Backups')
  const { search } = useLocation()
  const text = search.get('q') ?? ''
  const range = search.get('range') ?? '7d'
  const lengthMs = ranges.get(range) ?? 7 * dayMs
  const backups = usePolled(
    'backups',
    Math.floor(refresh.seq / beatsPerLook),
    true,
    async (signal) => (await client.get('api/v1/backups', { limit: '200' }, backupsAnswer, signal)).data,
  )
  const wanted = text.trim().toLowerCase()
  const shown = (backups.data ?? [])
    .filter(({ cluster }) => cluster.toLowerCase().includes(wanted))
    .toSorted(
      (a, b) =>
        concern(backupState(b).level) - concern(backupState(a).level) || a.cluster.localeCompare(b.cluster),
    )
  const chooseRange = (name: string): void => {
    const next = new URLSearchParams(search)
    next.set('range', name)
    navigate(`/backups?${next.toString()}`, { replace: true })
  }
  return (
    <>
      <h1>Backups</h1>
      <FindField page="/backups" text={text} what="Find a cluster" />
      <div class="finder" role="group" aria-label="How far back">
        {[...ranges.keys()].map((name) => (
          <button key={name} type="button" aria-pressed={range === name} onClick={() => chooseRange(name)}>
            {name}
          </button>
        ))}
        <Legend />
        <a href={link('/d/pgherd-backup')}>Charts of the backups</a>
      </div>
      {backups.error !== null && (
        <p class="panel-error" role="status">
          {backups.error}
        </p>
      )}
      {backups.data?.length === 0 && (
        <div class="welcome">
          <p>No agent has told of backups. Each needs a policy (backup.policy_file); then</p>
          <CopyLine text="agentctl backup prepare CLUSTER" />
        </div>
      )}
      <ul class="backups">
        {shown.map((one) => (
          <li key={one.cluster}>
            <ClusterBackupsView backups={one} context={context} lengthMs={lengthMs} />
          </li>
        ))}
      </ul>
    </>
  )
}

const legend = [
  ['full', 'done', 'full'],
  ['diff', 'done', 'diff'],
  ['incr', 'done', 'incr'],
  ['drill', 'done', 'drill'],
  ['verify', 'done', 'verify'],
  ['full', 'failed', 'failed'],
  ['full', 'next', 'due'],
] as const

function Legend(): JSX.Element {
  return (
    <p class="backup-legend soft">
      {legend.map(([kind, state, name]) => (
        <span key={name}>
          <svg width="14" height="14" viewBox="0 0 14 14" aria-hidden="true">
            <MarkShape mark={{ kind, state, atMs: 0, text: name }} x={7} y={7} />
          </svg>{' '}
          {name}
        </span>
      ))}
      <span>
        <svg width="22" height="14" viewBox="0 0 22 14" aria-hidden="true">
          <rect class="span" x="0" y="2" width="22" height="10" rx="3" />
        </svg>{' '}
        can be restored
      </span>
    </p>
  )
}
