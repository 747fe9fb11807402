import 'uplot/dist/uPlot.min.css'
import '../styles/board.css'
import '../styles/chart.css'
import '../styles/values.css'
import '../styles/explore.css'
import { useMemo } from 'preact/hooks'
import type { JSX } from 'preact'
import type { CollectorClient } from '../api/client.ts'
import { RefreshControl } from '../board/controls/refresh-control.tsx'
import { TimeControl, widened } from '../board/controls/time-control.tsx'
import { fieldConfig } from '../board/model/field-settings.ts'
import { tableOptions, timeSeriesOptions } from '../board/model/panel-kind.ts'
import { useAddress } from '../board/use-address.ts'
import { useBeat } from '../board/use-beat.ts'
import { TableView } from '../board/views/table-view.tsx'
import { TimeSeriesView } from '../board/views/time-series-view.tsx'
import type { ViewContext } from '../board/views/view-context.ts'
import type { SlotMemory } from '../chart/slots.ts'
import { useSize } from '../chart/use-size.ts'
import { parseDuration } from '../query/duration.ts'
import { pointsOf, queryRange } from '../query/query-range.ts'
import { absoluteRange, isRelative, spanOf } from '../query/time-range.ts'
import type { TimeRange } from '../query/time-range.ts'
import { sharedCursor } from '../state/shared-cursor.ts'
import { useTitle } from '../state/title.ts'
import { usePolled } from '../state/use-polled.ts'
import { CopyLink } from './copy-link.tsx'
import { QueryRow } from './query-row.tsx'
import { useDraft } from './use-draft.ts'
import { asPanelData, letterOf, runQueries } from './run-queries.ts'
import type { QueryResult } from './run-queries.ts'

const config = fieldConfig.parse({ defaults: { custom: { lineWidth: 1 } } })
const graphOptions = timeSeriesOptions.parse({
  legend: { displayMode: 'table', calcs: ['lastNotNull', 'max', 'mean'] },
})
const listOptions = tableOptions.parse({})
/** How many points a line has at most, beside what the width of the chart can show. */
const resolutions = ['1000', '5000', '10000'] as const

/** PromQL against the collector: as many queries as wanted, over time and as they are at its end; all of it in the address. */
export function ExplorePage({ client }: { readonly client: CollectorClient }): JSX.Element {
  useTitle('Explore')
  const { search, change } = useAddress()
  const asked = search.getAll('q')
  const range: TimeRange = { from: search.get('from') ?? 'now-1h', to: search.get('to') ?? 'now' }
  const every = search.get('refresh') ?? ''
  const seconds = parseDuration(every)
  const beat = useBeat(isRelative(range) && seconds !== null ? Math.max(5, seconds) : null)
  const nowMs = beat.atMs + client.clockOffsetMs()
  const wanted = spanOf(range, nowMs)
  const span = wanted ?? spanOf({ from: 'now-1h', to: 'now' }, nowMs)!
  const { draft, revision, edit } = useDraft(asked)

  const [element, { width }] = useSize<HTMLDivElement>()
  const points = Math.max(
    pointsOf(width),
    resolutions.find((one) => one === search.get('points')) === undefined ? 0 : Number(search.get('points')),
  )
  const queryStep = queryRange(span, points, 1)
  const isAsked = asked.some((query) => query.trim() !== '')
  const answer = usePolled(
    JSON.stringify([asked, range, queryStep.step]),
    beat.seq,
    isAsked && width > 0,
    (signal) => runQueries(client, asked, span, queryStep, signal),
  )
  const run = (): void => {
    const queries = draft.map(({ text }) => text).filter((text) => text.trim() !== '')
    if (JSON.stringify(queries) === JSON.stringify(asked)) beat.beat()
    else change({ q: queries })
  }
  const cursor = useMemo(sharedCursor, [])
  const slots = useMemo((): SlotMemory => new Map(), [])
  const select = (next: TimeRange): void => change({ from: next.from, to: next.to })
  const context: ViewContext = {
    cursor,
    slots,
    marks: [],
    nowMs,
    timeAddress: new URLSearchParams({ from: range.from, to: range.to }).toString(),
    onSelect: (next) => select(absoluteRange(next)),
    onWiden: () => select(widened(span, nowMs)),
  }
  const results = isAsked && !answer.outdated ? (answer.data?.results ?? []) : []
  const frames = useMemo(
    () =>
      answer.data === null
        ? null
        : asPanelData(
            answer.data,
            answer.data.results.flatMap(({ graph }) => graph),
          ),
    [answer.data],
  )
  return (
    <div class="explore">
      <div class="board-toolbar">
        <div class="board-controls">
          <h1>Explore</h1>
          <div class="board-time">
            <label class="resolution">
              <span class="soft">Points</span>{' '}
              <select
                value={search.get('points') ?? ''}
                onChange={(event) =>
                  change({ points: event.currentTarget.value === '' ? null : event.currentTarget.value })
                }
              >
                <option value="">as wide</option>
                {resolutions.map((one) => (
                  <option key={one} value={one}>
                    {Number(one).toLocaleString('en')}
                  </option>
                ))}
              </select>
            </label>
            <TimeControl range={range} span={span} nowMs={nowMs} onChange={select} />
            <RefreshControl
              every={every}
              onChange={(next) => change({ refresh: next === '' ? null : next }, { replace: true })}
              onRefresh={beat.beat}
            />
          </div>
        </div>
      </div>
      {wanted === null && (
        <p class="panel-error" role="alert">
          The address names no time that can be shown ({range.from} to {range.to}); this is the last hour.
        </p>
      )}
      <form
        class="queries"
        aria-label="Queries"
        onSubmit={(event) => {
          event.preventDefault()
          run()
        }}
      >
        {draft.map(({ id, text }, index) => (
          <QueryRow
            key={id}
            client={client}
            letter={letterOf(index)}
            label={`Query ${letterOf(index)}`}
            value={text}
            revision={revision}
            isFocused={index > 0 && index === draft.length - 1 && asked.length < draft.length}
            verdict={verdictOf(results.find((one) => one.query === text))}
            onChange={(next) => edit((old) => old.map((one) => (one.id === id ? { id, text: next } : one)))}
            onRun={run}
            onRemove={draft.length === 1 ? null : () => edit((old) => old.filter((one) => one.id !== id))}
          />
        ))}
        <p class="panel-actions">
          <button type="submit" class="primary">
            Run
          </button>
          <button
            type="button"
            onClick={() =>
              edit((old) => [...old, { id: Math.max(...old.map(({ id }) => id)) + 1, text: '' }])
            }
          >
            + Query
          </button>
          <CopyLink />
        </p>
      </form>
      {answer.error !== null && isAsked && (
        <p class="panel-error" role="status">
          {answer.error}
        </p>
      )}
      <div ref={element} class={answer.outdated && isAsked ? 'explore-results dimmed' : 'explore-results'}>
        {!isAsked && (
          <p class="no-data">
            Write an expression of PromQL, or open a panel of a board with “Explore its query”.
          </p>
        )}
        {isAsked && frames !== null && (
          <>
            <section
              class="panel explore-graph"
              aria-label="Graph"
              data-state={answer.outdated ? 'loading' : 'shown'}
            >
              <TimeSeriesView
                title="the queries"
                options={graphOptions}
                config={config}
                data={frames}
                context={context}
              />
            </section>
            {results.map((result) =>
              result.table === null || result.table.fields[0]?.values.length === 0 ? null : (
                <section
                  key={result.refId}
                  class="panel explore-table"
                  aria-label={`Query ${result.refId} at the end of the range`}
                >
                  <h2>{result.refId} at the end of the range</h2>
                  <TableView
                    title={`query ${result.refId}`}
                    options={listOptions}
                    config={config}
                    data={asPanelData(answer.data!, [withoutTime(result.table)])}
                    context={context}
                  />
                </section>
              ),
            )}
          </>
        )}
      </div>
    </div>
  )
}

/** The time is the same in every row. */
function withoutTime<F extends { fields: readonly { kind: string }[] }>(frame: F): F {
  return { ...frame, fields: frame.fields.filter(({ kind }) => kind !== 'time') }
}

function verdictOf(
  result: QueryResult | undefined,
): { readonly text: string; readonly isError: boolean } | null {
  if (result === undefined || result.query.trim() === '') return null
  if (result.error !== null) return { text: result.error, isError: true }
  const count = result.series === 1 ? '1 series' : `${result.series} series`
  return { text: `${count} in ${Math.round(result.tookMs)} ms`, isError: false }
}
