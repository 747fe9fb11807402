import type { JSX } from 'preact'
import { silences as silencesAnswer } from '../../../common/alerts/silence.ts'
import { silenceOf } from '../alerts/silenced.ts'
import type { PageContext } from '../state/page-context.ts'
import { useTitle } from '../state/title.ts'
import { usePolled } from '../state/use-polled.ts'
import { link, navigate, useLocation } from '../state/route.ts'
import { ClusterCard } from './cluster-card.tsx'
import { clusterSummaries } from './cluster-answer.ts'
import { countLevels, filterFleet } from './filter-fleet.ts'
import { fleetClusters } from './fleet-clusters.ts'
import type { FleetCluster } from './fleet-clusters.ts'
import { loadFigures, noFigures } from './fleet-figures.ts'
import { FleetNews } from './fleet-news.tsx'
import { fleetSummary } from './fleet-summary.ts'
import { levelWords, levels } from './level.ts'
import type { Level } from './level.ts'

/** Beyond this many clusters those that are well take a line for each member and no more. */
const shortFrom = 24
/** So many clusters leave room for what fires and what happened. */
const roomFor = 8

/** Every cluster, the one that hurts most first. */
export function FleetPage({ context }: { readonly context: PageContext }): JSX.Element {
  const { client, refresh, nowMs, alerts } = context
  useTitle('Fleet')
  const nodes = usePolled('nodes', refresh.seq, true, (signal) => client.nodes(signal))
  const clusters = usePolled(
    'clusters',
    refresh.seq,
    true,
    async (signal) => (await client.get('api/v1/clusters', {}, clusterSummaries, signal)).data,
  )
  const figures = usePolled('figures', refresh.seq, true, (signal) => loadFigures(client, signal))
  // An Alertmanager that is away silences nothing.
  const silences = usePolled('silences', refresh.seq, true, (signal) =>
    client.get('api/v2/silences', {}, silencesAnswer, signal),
  )
  const { search } = useLocation()
  const text = search.get('q') ?? ''
  const level = levels.find((one) => one === search.get('level')) ?? null

  if (nodes.data === null || clusters.data === null) {
    return (
      <p class="empty" role="status">
        {nodes.error ?? clusters.error ?? 'Asking for the fleet…'}
      </p>
    )
  }
  const heard = (alerts.data ?? []).filter((alert) => silenceOf(alert, silences.data ?? []) === undefined)
  const fleet = fleetClusters(clusters.data, nodes.data, heard, nowMs)
  const shown = filterFleet(fleet, text, level)
  const isShort = ({ level: how }: FleetCluster): boolean => fleet.length > shortFrom && how === 'ok'
  const whole = shown.filter((one) => !isShort(one))
  const short = shown.filter(isShort)
  // Figures that could not be refreshed would pass for present ones.
  const known = (figures.error === null ? figures.data : null) ?? noFigures
  return (
    <>
      <h1 class="summary" aria-live="polite">
        {fleetSummary(fleet)}
      </h1>
      {figures.error !== null && nodes.error === null && (
        <p class="panel-error" role="status">
          The figures of the servers are missing: {figures.error}
        </p>
      )}
      {fleet.length === 0 ? (
        <p class="welcome">
          No agent has reported yet. Start one on a database host with <code>collector.url</code> set to this
          collector; it appears here within ten seconds.
        </p>
      ) : (
        <>
          <Finder fleet={fleet} text={text} level={level} first={shown[0]} />
          {shown.length === 0 && <p class="empty">No cluster matches.</p>}
          <section class="clusters" aria-label="Clusters">
            {whole.map((one) => (
              <ClusterCard key={one.cluster} cluster={one} figures={known} nowMs={nowMs} isShort={false} />
            ))}
          </section>
          {short.length > 0 && (
            <section class="clusters clusters-short" aria-label="Clusters that are well">
              {short.map((one) => (
                <ClusterCard key={one.cluster} cluster={one} figures={known} nowMs={nowMs} isShort />
              ))}
            </section>
          )}
          {fleet.length <= roomFor && <FleetNews context={context} />}
        </>
      )}
    </>
  )
}

interface FinderProperties {
  readonly fleet: readonly FleetCluster[]
  readonly text: string
  readonly level: Level | null
  readonly first: FleetCluster | undefined
}

/** Narrows the fleet; what is asked for stands in the address. Return goes to the first cluster. */
function Finder({ fleet, text, level, first }: FinderProperties): JSX.Element {
  const find = (q: string, wanted: Level | null): void => {
    const search = new URLSearchParams({
      ...(q === '' ? {} : { q }),
      ...(wanted === null ? {} : { level: wanted }),
    }).toString()
    navigate(search === '' ? '/' : `/?${search}`, { replace: true })
  }
  return (
    <search class="finder">
      <input
        type="search"
        placeholder="Find a cluster, server, address or reason ( / )"
        aria-label="Find a cluster, server, address or reason"
        value={text}
        onInput={(event) => find(event.currentTarget.value, level)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && first !== undefined)
            navigate(`/c/${encodeURIComponent(first.cluster)}`)
        }}
      />
      <div class="levels" role="group" aria-label="How they are">
        {[...countLevels(fleet)].map(([one, count]) => (
          <button
            key={one}
            type="button"
            class={`level-button level-${one}`}
            aria-pressed={level === one}
            disabled={count === 0 && level !== one}
            onClick={() => find(text, level === one ? null : one)}
          >
            {count} {levelWords[one]}
          </button>
        ))}
      </div>
      <a href={link('/d/pgherd-fleet')}>Charts of the fleet</a>
    </search>
  )
}
