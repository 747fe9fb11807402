import { useEffect, useMemo, useRef } from 'preact/hooks'
import type { JSX } from 'preact'
import { AlertsList } from './alerts/alerts-list.tsx'
import type { CollectorClient } from './api/client.ts'
import { BoardView } from './board/board-view.tsx'
import type { BoardContext } from './board/panel-view.tsx'
import type { SlotMemory } from './chart/slots.ts'
import { lagFact, loadFacts } from './fleet/facts.ts'
import { FleetGrid } from './fleet/fleet-grid.tsx'
import { fleetHealth, silenceOf } from './fleet/health.ts'
import { fleetSummary } from './header/fleet-summary.ts'
import { PageHeader } from './header/page-header.tsx'
import { ScopePath } from './header/scope-path.tsx'
import { boardFor } from './panels/boards.ts'
import { scopeVariables } from './query/variables.ts'
import type { Scope } from './query/variables.ts'
import { sharedCursor } from './state/shared-cursor.ts'
import { usePolled } from './state/use-polled.ts'
import { useNow, useRefresh } from './state/use-refresh.ts'
import { useView } from './state/use-view.ts'

const refreshMs = 10_000

/** The whole page: what hurts on top, why below. */
export function Page({ client }: { readonly client: CollectorClient }): JSX.Element {
  const [view, change] = useView()
  const nowMs = useNow()
  const refresh = useRefresh(refreshMs)
  const frozen = useRef(refresh)
  if (view.live) frozen.current = refresh

  const version = usePolled('version', Math.floor(refresh.seq / 30), true, (signal) => client.version(signal))
  const nodes = usePolled('nodes', refresh.seq, true, (signal) => client.nodes(signal))
  const alerts = usePolled('alerts', refresh.seq, true, (signal) => client.alerts(signal))
  const facts = usePolled('facts', refresh.seq, true, (signal) => loadFacts(client, signal))

  const known = nodes.data ?? []
  // Figures that could not be refreshed would pass for present ones.
  const factValues =
    (facts.error === null ? facts.data : null) ?? new Map<string, ReadonlyMap<string, number>>()
  const collectorNowMs = nowMs + client.clockOffsetMs()
  const fleet = fleetHealth(known, factValues.get(lagFact.name) ?? new Map<string, number>(), collectorNowMs)
  const firing = (alerts.data ?? []).filter(({ state }) => state === 'firing').length
  const summary = nodes.data === null ? '' : fleetSummary(fleet)
  useEffect(() => {
    document.title = firing > 0 ? `(${firing}) pgherd` : 'pgherd'
  }, [firing])

  const { scope } = view
  const select = (next: Scope): void => change({ scope: next })
  const inScope = known.filter(
    ({ cluster, node }) => (scope.cluster ?? cluster) === cluster && (scope.node ?? node) === node,
  )
  const variables = scopeVariables(scope, known.length)
  const cursor = useMemo(sharedCursor, [])
  const slots = useMemo((): SlotMemory => new Map(), [])
  const context: BoardContext = {
    client,
    variables,
    window: view.window,
    refresh: frozen.current,
    cursor,
    slots,
    silence: nodes.data === null ? null : silenceOf(inScope),
    onZoom: (from, to) =>
      change({ window: { kind: 'between', fromMs: Math.round(from * 1000), toMs: Math.round(to * 1000) } }),
  }
  return (
    <>
      <PageHeader
        connection={{ version: version.data, answeredAtMs: nodes.dataAtMs, error: nodes.error }}
        view={view}
        nowMs={nowMs}
        onChange={change}
      />
      <main class={nodes.error === null ? '' : 'disconnected'}>
        <p class="summary" role="status">
          {summary}
        </p>
        <AlertsList alerts={alerts.data} error={alerts.error} nowMs={collectorNowMs} onSelect={select} />
        {facts.error !== null && nodes.error === null && (
          <p class="panel-error" role="status">
            The figures of the nodes are missing: {facts.error}
          </p>
        )}
        {nodes.data?.length === 0 ? (
          <p class="welcome">
            No agent has reported yet. Start one on a database host with <code>collector.url</code> set to
            this collector; it appears here within ten seconds.
          </p>
        ) : (
          <FleetGrid
            fleet={fleet}
            facts={factValues}
            scope={scope}
            nowMs={collectorNowMs}
            onSelect={select}
          />
        )}
        <ScopePath scope={scope} onSelect={select} />
        {nodes.data !== null && <BoardView board={boardFor(scope)} context={context} />}
      </main>
    </>
  )
}
