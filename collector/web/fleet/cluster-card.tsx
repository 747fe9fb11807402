import type { JSX } from 'preact'
import { gravities } from '../alerts/severity.ts'
import { formatValue } from '../format/units.ts'
import { boardLink } from '../parts/board-link.ts'
import { LevelMark } from '../parts/level-mark.tsx'
import { link } from '../state/route.ts'
import { backupAge } from './backup-age.ts'
import type { FleetCluster, FleetMember } from './fleet-clusters.ts'
import type { FleetFigures } from './fleet-figures.ts'

interface Properties {
  readonly cluster: FleetCluster
  readonly figures: FleetFigures
  readonly nowMs: number
  /** Only a line for each member, where there is much to show. */
  readonly isShort: boolean
}

/** A cluster in a few lines: how it is and why, who is in it, what fires, how old its backup is. */
export function ClusterCard({ cluster: one, figures, nowMs, isShort }: Properties): JSX.Element {
  const to = link(`/c/${encodeURIComponent(one.cluster)}`)
  const [first, ...others] = one.reasons
  return (
    <article
      class={`cluster level-${one.level} ${isShort ? 'cluster-short' : ''}`}
      data-cluster={one.cluster}
      data-level={one.level}
    >
      <header>
        <LevelMark level={one.level} />
        <h2>
          <a class="cluster-name" href={to}>
            {one.cluster}
          </a>
        </h2>
        <Firing cluster={one} />
        <span class="backup-age soft">{backupAge(figures.backups.get(one.cluster), nowMs)}</span>
      </header>
      {!isShort && (
        <p class={`judgement level-${first?.level ?? 'ok'}`}>
          {first?.text}
          {others.length > 0 && <a href={to}> and {others.length} more</a>}
        </p>
      )}
      <ul class="members">
        {one.members.map((member) => (
          <li key={member.server}>
            <Member cluster={one.cluster} member={member} figures={figures} isShort={isShort} />
          </li>
        ))}
      </ul>
    </article>
  )
}

function Firing({ cluster: { cluster, firing } }: { readonly cluster: FleetCluster }): JSX.Element | null {
  if (firing.size === 0) return null
  const parts = gravities.flatMap((gravity) => {
    const count = firing.get(gravity)
    return count === undefined ? [] : [{ gravity, count }]
  })
  const text = parts.map(({ gravity, count }) => `${count} ${gravity}`).join(', ')
  return (
    <a class="firing" href={link(`/alerts?cls=${encodeURIComponent(cluster)}`)} title={`alerts: ${text}`}>
      {parts.map(({ gravity, count }) => (
        <span key={gravity} class={`count gravity-${gravity}`}>
          {count}
          <span class="unseen"> {gravity}</span>
        </span>
      ))}
    </a>
  )
}

/** Where there is little room, a standby that follows closely needs no word. */
const worthALineSeconds = 1

function Member({
  cluster,
  member,
  figures,
  isShort,
}: Pick<Properties, 'figures' | 'isShort'> & {
  readonly cluster: string
  readonly member: FleetMember
}): JSX.Element {
  const { server, role, state, level, lagSeconds, lagBytes } = member
  const isRunning = state === 'running'
  const to = boardLink('instance', cluster, server)
  return (
    <div class={`member level-${level}`} data-node={server} data-up={isRunning}>
      <div class="member-line">
        <span class={`role role-${isRunning ? role : state}`}>{isRunning ? role : state}</span>
        <a href={to} class="member-name">
          {server}
        </a>
        {lagSeconds !== null && isRunning && (!isShort || lagSeconds >= worthALineSeconds) && (
          <span class="lag" title={lagBytes === null ? '' : formatValue(lagBytes, 'bytes')}>
            lag {formatValue(lagSeconds, 'seconds')}
          </span>
        )}
      </div>
      {!isShort && (
        <p class="member-figures soft">
          {formatValue(figures.transactions.get(server), 'count')} commits/s ·{' '}
          {formatValue(figures.active.get(server), 'count')} active ·{' '}
          {formatValue(figures.cpu.get(server), 'ratio')} CPU
        </p>
      )}
      {member.problems.map(({ text, level: how }) => (
        <p key={text} class={`problem level-${how}`}>
          {text}
        </p>
      ))}
    </div>
  )
}
