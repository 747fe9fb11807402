import type { JSX } from 'preact'
import type { TimeRange, TimeSpan } from '../../query/time-range.ts'
import type { BoardEntry } from '../boards.ts'
import type { Board } from '../model/board.ts'
import { selectionsOf } from '../variables/load-variables.ts'
import type { LoadedVariables } from '../variables/load-variables.ts'
import { BoardLinks } from './board-links.tsx'
import { RefreshControl } from './refresh-control.tsx'
import { TimeControl } from './time-control.tsx'
import { VariableControl } from './variable-control.tsx'

interface Properties {
  readonly board: Board
  readonly boards: readonly BoardEntry[]
  readonly loaded: LoadedVariables
  readonly range: TimeRange
  readonly span: TimeSpan
  readonly nowMs: number
  readonly every: string
  readonly timeAddress: string
  readonly areMarksShown: boolean
  readonly onMarks: (isOn: boolean) => void
  readonly onRange: (range: TimeRange) => void
  readonly onEvery: (every: string) => void
  readonly onRefresh: () => void
  readonly onChoose: (name: string, values: readonly string[]) => void
}

/** What the board is about and shows: its variables, the time, and where it leads. */
export function BoardToolbar(properties: Properties): JSX.Element {
  const { board, loaded, timeAddress, areMarksShown } = properties
  return (
    <div class="board-toolbar">
      <div class="board-heading">
        <h1 title={board.description ?? undefined}>{board.title.replace(/^pgherd: /, '')}</h1>
        <BoardLinks
          links={board.links}
          boards={properties.boards}
          uid={board.uid}
          selections={selectionsOf(loaded)}
          timeAddress={timeAddress}
        />
      </div>
      <div class="board-controls">
        <div class="variables" role="group" aria-label="Variables">
          {loaded.map((one) => (
            <VariableControl
              key={one.variable.name}
              loaded={one}
              onChoose={(values) => properties.onChoose(one.variable.name, values)}
            />
          ))}
        </div>
        <div class="board-time">
          {board.annotations.length > 0 && (
            <button
              type="button"
              aria-pressed={areMarksShown}
              title="Mark what happened on the charts"
              onClick={() => properties.onMarks(!areMarksShown)}
            >
              ⚑ Events
            </button>
          )}
          <TimeControl
            range={properties.range}
            span={properties.span}
            nowMs={properties.nowMs}
            onChange={properties.onRange}
          />
          <RefreshControl
            every={properties.every}
            onChange={properties.onEvery}
            onRefresh={properties.onRefresh}
          />
        </div>
      </div>
    </div>
  )
}
