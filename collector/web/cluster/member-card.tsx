import type { JSX } from 'preact'
import type { MemberView } from '../../../common/health/cluster-view.ts'
import { boardLink } from '../parts/board-link.ts'
import { memberFacts, positionText, versionText } from './member-facts.ts'

/** One server of a cluster: its role, how it is, and what is around it. */
export function MemberCard({ member }: { readonly member: MemberView }): JSX.Element {
  const { server, node, ip, role, health, isStale } = member
  const state = isStale ? 'unknown' : health.state
  const isRunning = state === 'running'
  const position = health.currentPosition ?? health.replayedPosition
  return (
    <article
      class={`member-card state-of-${isRunning ? role : state}`}
      data-member={server}
      aria-label={`${server}, ${role}, ${state}`}
    >
      <header>
        <span class={`role role-${isRunning ? role : state}`}>{isRunning ? role : state}</span>
        <strong>{server}</strong>
        {health.patroni?.hasLock === true && (
          <span class="leader" title="Patroni's leader key is this member's">
            ★ leader key
          </span>
        )}
      </header>
      <p class="soft">
        {node === server ? ip : `${node}, ${ip}`}
        {health.port !== null && `:${health.port}`}
        {health.versionNumber !== null && ` · PostgreSQL ${versionText(health.versionNumber)}`}
        {health.timeline !== null && ` · timeline ${health.timeline}`}
        {position !== null && ` · ${positionText(position)}`}
      </p>
      {!isRunning && health.reason !== '' && <p class="problem level-critical">{health.reason}</p>}
      <ul class="facts">
        {memberFacts(member).map(({ level, text }) => (
          <li key={text} class={`fact level-${level}`}>
            {text}
          </li>
        ))}
      </ul>
      <nav class="chart-links" aria-label={`Charts of ${server}`}>
        <a href={boardLink('instance', health.cluster, server)}>server</a>
        <a href={boardLink('sessions', health.cluster, server)}>sessions</a>
        <a href={boardLink('queries', health.cluster, server)}>queries</a>
        <a href={boardLink('node', health.cluster, server)}>machine</a>
      </nav>
    </article>
  )
}
