import { useContext } from 'preact/hooks'
import { createContext } from 'preact'
import type { JSX } from 'preact'
import type { CollectorClient } from '../api/client.ts'
import { formatClock } from '../format/time.ts'
import { Guard } from '../parts/guard.tsx'
import type { TimeSpan } from '../query/time-range.ts'
import { usePlacement } from '../state/use-placement.ts'
import { usePolled } from '../state/use-polled.ts'
import { loadPanel, questionOf } from './data/load-panel.ts'
import type { PlacedPanel } from './layout/repeat.ts'
import { PanelMenu } from './panel-menu.tsx'
import { PanelView } from './panel-view.tsx'
import { TextView } from './views/text-view.tsx'
import type { ViewContext } from './views/view-context.ts'
import { expand } from './variables/expand.ts'

/** What all panels of a board have in common. */
export interface BoardContext {
  readonly client: CollectorClient
  readonly span: TimeSpan
  /** Grows with each refresh. */
  readonly seq: number
  /** What the span follows from: the same text as long as it only moves on with time. */
  readonly rangeKey: string
  readonly view: ViewContext
  readonly enlarged: string | null
  readonly onEnlarge: (key: string | null) => void
}

export const BoardScope = createContext<BoardContext | null>(null)

/** A panel with its title and what went wrong. It asks only while it is near the screen, and keeps its size. */
export function PanelFrame({ placed }: { readonly placed: PlacedPanel }): JSX.Element {
  const context = useContext(BoardScope)
  if (context === null) throw new Error('A panel stands within a board')
  const { client, span, seq, rangeKey } = context
  const { panel, selections, key, x, y, w, h } = placed
  const [element, { width, near }] = usePlacement<HTMLElement>()
  const question = questionOf(panel, span, { selections, texts: new Map() }, Math.max(1, width - 90))
  const { range, scope } = question
  const isText = panel.kind?.type === 'text'
  const isAsked = !isText && panel.unsupported.length === 0 && panel.targets.length > 0
  const answerKey = JSON.stringify([key, rangeKey, range.step, [...selections.values()]])
  const answer = usePolled(answerKey, seq, isAsked && near && width > 0, (signal) =>
    loadPanel(client, panel, question, signal),
  )
  const title = expand(panel.title, scope, 'text')
  const headingId = `panel-${key.replace(/[^\w-]/g, '_')}`
  const isOld = answer.error !== null || answer.outdated
  const isEnlarged = context.enlarged === key
  return (
    <article
      class={`panel panel-${panel.type}${panel.transparent ? ' panel-plain' : ''}${sizeClass(w)}`}
      ref={element}
      aria-labelledby={title === '' ? undefined : headingId}
      data-panel={key}
      style={{ '--x': x + 1, '--w': w, '--y': y + 1, '--h': isEnlarged ? Math.max(h, 18) : h }}
    >
      {(title !== '' || !isText) && (
        <header>
          <h3 id={headingId} title={title}>
            {title}
          </h3>
          {answer.outdated && answer.data !== null && (
            <span class="panel-busy" role="status">
              <span class="visually-hidden">Loading</span>
            </span>
          )}
          <PanelMenu
            panel={panel}
            title={title}
            scope={scope}
            timeAddress={context.view.timeAddress}
            isEnlarged={isEnlarged}
            onEnlarge={() => context.onEnlarge(isEnlarged ? null : key)}
          />
        </header>
      )}
      {answer.error !== null && (
        <p class="panel-error" role="status">
          {answer.error}
          {answer.dataAtMs !== null && ` (shown: the state of ${formatClock(answer.dataAtMs)})`}
        </p>
      )}
      <div class={isOld ? 'panel-body dimmed' : 'panel-body'} data-state={stateOf(isAsked, answer)}>
        {panel.unsupported.length > 0 ? (
          <p class="no-data">This page cannot show {panel.unsupported.join(' and ')}; Grafana can.</p>
        ) : panel.kind?.type === 'text' ? (
          <TextView options={panel.kind.options} scope={scope} />
        ) : panel.kind === null || answer.data === null ? (
          <p class="no-data soft">
            {answer.error === null ? (isAsked ? 'Loading…' : '') : 'Nothing could be loaded.'}
          </p>
        ) : (
          <Guard what="This panel" attempt={answer.data}>
            <PanelView
              kind={panel.kind}
              title={title}
              config={panel.fieldConfig}
              data={answer.data}
              context={context.view}
            />
          </Guard>
        )}
      </div>
    </article>
  )
}

function stateOf(
  isAsked: boolean,
  { data, error, outdated }: { data: unknown; error: string | null; outdated: boolean },
): string {
  if (error !== null) return 'failed'
  return isAsked && (data === null || outdated) ? 'loading' : 'shown'
}

/** How wide a panel is where there is less room than 24 columns. */
function sizeClass(w: number): string {
  return w <= 4 ? ' size-s' : w <= 8 ? ' size-m' : w <= 12 ? ' size-l' : ' size-xl'
}
