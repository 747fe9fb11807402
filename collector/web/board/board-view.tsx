import type { JSX } from 'preact'
import type { Board } from '../panels/panel.ts'
import { PanelView } from './panel-view.tsx'
import type { BoardContext } from './panel-view.tsx'

/** All panels of a board, by section. */
export function BoardView({
  board,
  context,
}: {
  readonly board: Board
  readonly context: BoardContext
}): JSX.Element {
  return (
    <div class="board">
      {board.sections.map((section) => (
        <section key={section.title} aria-label={section.title}>
          <h2>{section.title}</h2>
          <div class="panels">
            {section.panels.map((panel) => (
              <PanelView key={panel.id} panel={panel} context={context} />
            ))}
          </div>
        </section>
      ))}
    </div>
  )
}
