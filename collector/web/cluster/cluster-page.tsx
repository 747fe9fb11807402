import type { JSX } from 'preact'
import { clusterAnswer } from '../../../common/health/cluster-view.ts'
import type { ClusterView } from '../../../common/health/cluster-view.ts'
import { eventsAnswer } from '../../../common/wire/events.ts'
import { AlertsList } from '../alerts/alerts-list.tsx'
import { boardLink } from '../parts/board-link.ts'
import { EventList } from '../parts/event-list.tsx'
import { LevelMark } from '../parts/level-mark.tsx'
import type { PageContext } from '../state/page-context.ts'
import { link } from '../state/route.ts'
import { useTitle } from '../state/title.ts'
import { usePolled } from '../state/use-polled.ts'
import { useRefresh } from '../state/use-refresh.ts'
import { Judgements } from './judgements.tsx'
import { clusterLevel, clusterWords } from './cluster-words.ts'
import { Failover } from './failover.tsx'
import { LoadBalancers } from './load-balancers.tsx'
import { Topology } from './topology.tsx'
import { topologyTree } from './topology-tree.ts'

/** Reports come each five seconds, and at once when something changes. */
const followMs = 2_000

/** One cluster now: who follows whom, what is wrong, what happened, and where to look further. */
export function ClusterPage({
  context,
  cluster,
}: {
  readonly context: PageContext
  readonly cluster: string
}): JSX.Element {
  const { client, refresh, alerts, nowMs } = context
  useTitle(cluster)
  const beat = useRefresh(followMs)
  const path = `api/v1/clusters/${encodeURIComponent(cluster)}`
  const view = usePolled(
    path,
    beat.seq,
    true,
    async (signal) => (await client.get(path, {}, clusterAnswer, signal)).data,
  )
  const events = usePolled(
    `events ${cluster}`,
    refresh.seq,
    true,
    async (signal) =>
      (await client.get('api/v1/events', { cluster, limit: '25' }, eventsAnswer, signal)).data,
  )
  const own = (alerts.data ?? []).filter(({ labels }) => (labels['cls'] ?? labels['cluster']) === cluster)
  return (
    <>
      <nav class="path" aria-label="Where this is">
        <a href={link('/')}>Fleet</a> <span aria-hidden="true">›</span>{' '}
        <span aria-current="page">{cluster}</span>
      </nav>
      {view.data === null ? (
        <>
          <h1>{cluster}</h1>
          <p class="empty" role="status">
            {view.error ?? 'Asking for the cluster…'}
          </p>
        </>
      ) : (
        <ClusterNow view={view.data} error={view.error} context={context} />
      )}
      <BoardLinks cluster={cluster} />
      <section aria-labelledby="cluster-alerts">
        <h2 id="cluster-alerts">Alerts</h2>
        <AlertsList alerts={alerts.data === null ? null : own} error={alerts.error} nowMs={nowMs} />
      </section>
      <section aria-labelledby="cluster-events">
        <h2 id="cluster-events">What happened</h2>
        {events.error !== null && <p class="panel-error">{events.error}</p>}
        {events.data !== null && <EventList events={events.data} />}
      </section>
    </>
  )
}

function ClusterNow({
  view,
  error,
  context,
}: {
  readonly view: ClusterView
  readonly error: string | null
  readonly context: PageContext
}): JSX.Element {
  const systems = view.systemIdentifiers.join(', ')
  return (
    <>
      <header class="cluster-head">
        <LevelMark level={clusterLevel(view)} />
        <h1>{view.cluster}</h1>
        <p class="cluster-words" role="status">
          {clusterWords(view)}
        </p>
      </header>
      {error !== null && (
        <p class="panel-error" role="alert">
          {error}. What is shown is what was known before.
        </p>
      )}
      <p class="soft">
        {view.managedBy === 'patroni' ? 'kept by Patroni' : 'nobody fails over by itself'}
        {view.timeline !== null && ` · timeline ${view.timeline}`}
        {systems !== '' && ` · system ${systems}`}
      </p>
      <div class={error === null ? 'cluster-body' : 'cluster-body dimmed'}>
        <section aria-labelledby="topology-title" class="wide">
          <h2 id="topology-title">Topology</h2>
          <Topology trees={topologyTree(view)} />
          <LoadBalancers cluster={view.cluster} context={context} />
        </section>
        <section aria-labelledby="judgements-title">
          <h2 id="judgements-title">What is judged</h2>
          <Judgements judgements={view.judgements} nowMs={context.nowMs} />
        </section>
        <section aria-labelledby="failover-title">
          <h2 id="failover-title">If the primary were lost now</h2>
          <Failover view={view} />
        </section>
      </div>
    </>
  )
}

const boards = [
  ['cluster', 'Cluster'],
  ['replication', 'Replication'],
  ['wal', 'WAL'],
  ['sessions', 'Sessions'],
  ['queries', 'Queries'],
  ['database', 'Databases'],
  ['vacuum', 'Vacuum'],
  ['backup', 'Backups'],
] as const

function BoardLinks({ cluster }: { readonly cluster: string }): JSX.Element {
  const name = encodeURIComponent(cluster)
  return (
    <nav class="chart-links" aria-label={`Charts of ${cluster}`}>
      <strong>Charts</strong>
      {boards.map(([board, text]) => (
        <a key={board} href={boardLink(board, cluster)}>
          {text}
        </a>
      ))}
      <strong>More</strong>
      <a href={link(`/backups?q=${name}`)}>Backups of it</a>
      <a href={link(`/commands?q=${name}`)}>Commands to it</a>
      <a href={link(`/tuning?q=${name}`)}>Tuning of it</a>
    </nav>
  )
}
