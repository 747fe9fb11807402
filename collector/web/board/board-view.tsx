import { useEffect, useMemo, useState } from 'preact/hooks'
import type { JSX } from 'preact'
import type { CollectorClient } from '../api/client.ts'
import type { ChartMark } from '../chart/lines.ts'
import type { SlotMemory } from '../chart/slots.ts'
import { parseDuration } from '../query/duration.ts'
import { scrapeSeconds, timeVariables } from '../query/query-range.ts'
import { absoluteRange, isRelative, spanOf } from '../query/time-range.ts'
import type { TimeRange } from '../query/time-range.ts'
import { sharedCursor } from '../state/shared-cursor.ts'
import { usePolled } from '../state/use-polled.ts'
import { BoardToolbar } from './controls/board-toolbar.tsx'
import { widened } from './controls/time-control.tsx'
import type { BoardEntry } from './boards.ts'
import { placeSections } from './layout/repeat.ts'
import { loadMarks } from './load-marks.ts'
import type { Board } from './model/board.ts'
import { BoardScope } from './panel-frame.tsx'
import type { BoardContext } from './panel-frame.tsx'
import { SectionView } from './section-view.tsx'
import { StatementTexts } from './statement-texts.tsx'
import { silenceOfSelections } from './silence.ts'
import { useAddress } from './use-address.ts'
import { useBeat } from './use-beat.ts'
import { loadVariables, selectionsOf } from './variables/load-variables.ts'
import { dependentsOf } from './variables/order.ts'
import { allInAddress } from './variables/selection.ts'
import { Silence } from './views/no-data.tsx'

interface Properties {
  readonly client: CollectorClient
  readonly board: Board
  readonly boards: readonly BoardEntry[]
}

const noMarks: readonly ChartMark[] = []

/** A board: its controls, and its panels for the variables and the time that stand in the address. */
export function BoardView({ client, board, boards }: Properties): JSX.Element {
  const { search, change } = useAddress()
  const range: TimeRange = {
    from: search.get('from') ?? board.time.from,
    to: search.get('to') ?? board.time.to,
  }
  const every = search.get('refresh') ?? board.refresh
  const seconds = parseDuration(every)
  const beat = useBeat(isRelative(range) && seconds !== null ? Math.max(5, seconds) : null)
  const nowMs = beat.atMs + client.clockOffsetMs()
  const asked = spanOf(range, nowMs)
  const span = asked ?? spanOf({ from: 'now-1h', to: 'now' }, nowMs)!
  const rangeKey = `${range.from} ${range.to}`
  const given = [...search].filter(([name]) => name.startsWith('var-'))

  // A variable without its choices leaves panels empty, so that it is not left so for ten beats.
  const [areVariablesMissing, setVariablesMissing] = useState(false)
  const variables = usePolled(
    JSON.stringify([board.uid, given, rangeKey]),
    areVariablesMissing ? beat.seq : Math.floor(beat.seq / 10),
    true,
    async (signal) => {
      const texts = timeVariables(span, scrapeSeconds)
      return {
        loaded: await loadVariables(client, board.variables, search, span, texts, signal),
        span,
        rangeKey,
      }
    },
  )
  const loaded = variables.data?.loaded ?? null
  const isOneMissing = variables.error !== null || (loaded?.some(({ error }) => error !== null) ?? false)
  useEffect(() => setVariablesMissing(isOneMissing), [isOneMissing])
  // Where a variable follows from the time, panels go on with the old time until the variable has the new one.
  const followsTime = board.variables.some(({ skipUrlSync }) => skipUrlSync)
  const ofPanels =
    variables.data !== null && variables.outdated && followsTime ? variables.data : { span, rangeKey }
  const selections = useMemo(() => selectionsOf(loaded ?? []), [loaded])
  const scope = { selections, texts: new Map<string, string>() }
  const areMarksShown = search.get('events') !== 'off'
  const marks = usePolled(
    JSON.stringify([rangeKey, [...selections.values()]]),
    beat.seq,
    loaded !== null && areMarksShown && board.annotations.length > 0,
    (signal) => loadMarks(client, board.annotations, span, scope, signal),
  )
  const nodes = usePolled('nodes', Math.floor(beat.seq / 3), true, (signal) => client.nodes(signal))
  const silence = silenceOfSelections(loaded === null ? null : nodes.data, selections)
  const cursor = useMemo(sharedCursor, [])
  const slots = useMemo((): SlotMemory => new Map(), [])
  const sections = useMemo(() => placeSections(board.sections, selections), [board, selections])
  const timeAddress = new URLSearchParams({ from: range.from, to: range.to }).toString()
  const select = (next: TimeRange): void => change({ from: next.from, to: next.to })
  const enlarged = search.get('viewPanel')
  useTimeKeys(() => beat.beat())

  const context: BoardContext = {
    client,
    span: ofPanels.span,
    seq: beat.seq,
    rangeKey: ofPanels.rangeKey,
    enlarged,
    onEnlarge: (key) => change({ viewPanel: key }),
    view: {
      cursor,
      slots,
      marks: areMarksShown ? (marks.data ?? noMarks) : noMarks,
      nowMs,
      timeAddress,
      onSelect: (wanted) => select(absoluteRange(wanted)),
      onWiden: () => select(widened(span, nowMs)),
    },
  }
  return (
    <div class="board">
      <BoardToolbar
        board={board}
        boards={boards}
        loaded={loaded ?? []}
        range={range}
        span={span}
        nowMs={nowMs}
        every={every}
        timeAddress={timeAddress}
        areMarksShown={areMarksShown}
        onMarks={(isOn) => change({ events: isOn ? null : 'off' })}
        onRange={select}
        onEvery={(next) => change({ refresh: next === board.refresh ? null : next }, { replace: true })}
        onRefresh={beat.beat}
        onChoose={(name, values) => {
          // What depends on it may not exist any more; what is chosen as "all" goes on being all.
          const stale = [...dependentsOf(name, board.variables)].filter(
            (one) => !search.getAll(`var-${one}`).includes(allInAddress),
          )
          change({
            ...Object.fromEntries(stale.map((one) => [`var-${one}`, null])),
            [`var-${name}`]: values.length === 0 ? [''] : values,
          })
        }}
      />
      {asked === null && (
        <p class="panel-error" role="alert">
          The address names no time that can be shown ({range.from} to {range.to}); this is the last hour.
        </p>
      )}
      {variables.error !== null && (
        <p class="panel-error" role="alert">
          {variables.error}
        </p>
      )}
      {loaded === null ? (
        <p class="no-data soft" role="status">
          {variables.error === null ? 'Loading…' : ''}
        </p>
      ) : (
        <Silence.Provider value={silence}>
          {silence !== null && (
            <p class="board-note" role="status">
              {silence}
            </p>
          )}
          {board.uid === 'pgherd-queries' && <StatementTexts client={client} selections={selections} />}
          <BoardScope.Provider value={context}>
            {enlarged !== null && (
              <p>
                <button type="button" onClick={() => change({ viewPanel: null })}>
                  ← All panels of the board
                </button>
              </p>
            )}
            {sections.map((section) => (
              <SectionView key={section.key} section={section} enlarged={enlarged} />
            ))}
          </BoardScope.Provider>
        </Silence.Provider>
      )}
    </div>
  )
}

/** `r` refreshes, wherever one does not write. */
function useTimeKeys(refresh: () => void): void {
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      if (event.key !== 'r' || event.ctrlKey || event.metaKey || event.altKey) return
      if (event.target instanceof Element && event.target.closest('input, select, textarea') !== null) return
      refresh()
    }
    addEventListener('keydown', press)
    return () => removeEventListener('keydown', press)
  }, [])
}
