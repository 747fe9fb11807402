import { useMemo, useState } from 'preact/hooks'
import type { JSX } from 'preact'
import type { CollectorClient } from '../api/client.ts'
import { gutterLeft, gutterRight } from '../chart/layout.ts'
import { Legend } from '../chart/legend.tsx'
import { LineChart } from '../chart/line-chart.tsx'
import { assignSlots } from '../chart/slots.ts'
import type { SlotMemory } from '../chart/slots.ts'
import { Timeline } from '../chart/timeline.tsx'
import { formatClock } from '../format/time.ts'
import type { Panel } from '../panels/panel.ts'
import { queryRange } from '../query/resolution.ts'
import type { TimeWindow } from '../query/time-window.ts'
import type { Variables } from '../query/variables.ts'
import { loadPanel } from '../state/load-panel.ts'
import type { PanelData } from '../state/load-panel.ts'
import type { SharedCursor } from '../state/shared-cursor.ts'
import { usePlacement } from '../state/use-placement.ts'
import { usePolled } from '../state/use-polled.ts'
import type { Refresh } from '../state/use-refresh.ts'

/** What all panels of the page have in common. */
export interface BoardContext {
  readonly client: CollectorClient
  readonly variables: Variables
  readonly window: TimeWindow
  readonly refresh: Refresh
  readonly cursor: SharedCursor
  readonly slots: SlotMemory
  /** Why nothing in scope can have data, when that is so. */
  readonly silence: string | null
  readonly onZoom: (from: number, to: number) => void
}

/** A panel with its title, chart, legend, and what went wrong. It asks only while it is near the screen. */
export function PanelView({
  panel,
  context,
}: {
  readonly panel: Panel
  readonly context: BoardContext
}): JSX.Element {
  const { client, variables, window, refresh } = context
  const [element, { width, near }] = usePlacement<HTMLElement>()
  const plotWidth = Math.max(1, width - gutterLeft - gutterRight)
  const { step } = queryRange(window, refresh.atMs, plotWidth)
  const key = JSON.stringify([panel.queries, variables, window, step])
  const answer = usePolled(key, refresh.seq, near && width > 0, (signal) =>
    loadPanel(client, panel, variables, window, refresh.atMs + client.clockOffsetMs(), plotWidth, signal),
  )
  const headingId = `panel-${panel.id}`
  return (
    <article class="panel" ref={element} aria-labelledby={headingId} data-panel={panel.id}>
      <header>
        <h3 id={headingId}>{panel.title}</h3>
        <details class="explanation">
          <summary aria-label={`What ${panel.title} means`}>?</summary>
          <p>{panel.description}</p>
        </details>
      </header>
      {answer.error !== null && (
        <p class="panel-error" role="status">
          {answer.error}
          {answer.dataAtMs !== null && ` (shown: the state of ${formatClock(answer.dataAtMs)})`}
        </p>
      )}
      <div class={answer.error !== null || answer.outdated ? 'panel-body dimmed' : 'panel-body'}>
        {answer.data === null ? (
          <p class="empty">{answer.error === null ? 'Loading…' : 'Nothing could be loaded.'}</p>
        ) : (
          <Drawing panel={panel} data={answer.data} width={width} context={context} />
        )}
      </div>
    </article>
  )
}

interface DrawingProperties {
  readonly panel: Panel
  readonly data: PanelData
  readonly width: number
  readonly context: BoardContext
}

function Drawing({ panel, data, width, context }: DrawingProperties): JSX.Element {
  const { table, from, to } = data
  const { cursor } = context
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set())
  const slots = useMemo(() => assignSlots(table.columns, context.slots), [table, context.slots])
  const shown = useMemo(
    () => ({ ...table, columns: table.columns.filter(({ name }) => !hidden.has(name)) }),
    [table, hidden],
  )
  if (table.columns.length === 0) return <p class="empty">{context.silence ?? panel.whenEmpty}</p>
  if (panel.kind === 'timeline') {
    return (
      <>
        <Timeline panel={panel} table={table} width={width} from={from} to={to} cursor={cursor} />
        {table.omitted > 0 && (
          <p class="note">
            {table.omitted} more that changed less are not drawn; select a cluster to see its own.
          </p>
        )}
      </>
    )
  }
  const toggle = (name: string): void =>
    setHidden((old) => {
      const next = new Set(old)
      if (!next.delete(name)) next.add(name)
      return next
    })
  return (
    <>
      <LineChart
        panel={panel}
        table={shown}
        slots={slots.filter((_, index) => !hidden.has(table.columns[index]!.name))}
        width={width}
        from={from}
        to={to}
        cursor={cursor}
        onZoom={context.onZoom}
      />
      <Legend
        table={table}
        slots={slots}
        unit={panel.unit}
        cursor={cursor}
        hidden={hidden}
        onToggle={toggle}
      />
    </>
  )
}
