import { panelsOf, readBoards } from '../../test/dashboards/read-boards.ts'
import { askedBy } from '../../test/rules/emitted-metrics.ts'

/** All that a panel asks over a range. */
export interface PanelQuestion {
  readonly panel: string
  readonly expressions: readonly string[]
}

/** The step of a panel that is 1,200 pixels wide over 30 days, as Grafana rounds it. */
export const stepSeconds = 1800

/** What panels ask over 30 days, with all variables chosen. Both of what is asked in two ways, as a page does. */
export function questionsOverMonth(): readonly PanelQuestion[] {
  return readBoards().flatMap((board) =>
    panelsOf(board).flatMap(({ title, targets = [] }) => {
      const expressions = targets.filter(({ instant }) => !instant).map(({ expr }) => overMonth(expr))
      return expressions.length === 0 ? [] : [{ panel: `${board.name}: ${title}`, expressions }]
    }),
  )
}

/** Metrics whose samples are read by a question: what `=~"-"` is asked of selects nothing. */
export function metricsReadBy({ expressions }: PanelQuestion): readonly string[] {
  return expressions
    .filter((expr) => !expr.includes('=~"-"'))
    .flatMap((expr) => askedBy(expr).map(({ metric }) => metric))
}

function overMonth(expr: string): string {
  return expr
    .replaceAll('$__rate_interval', `${stepSeconds + 15}s`)
    .replaceAll('$__interval_ms', String(stepSeconds * 1000))
    .replaceAll('$__interval', `${stepSeconds}s`)
    .replaceAll('$__range_s', String(30 * 86_400))
    .replaceAll('$__range', '30d')
    .replaceAll('$detail', '-')
    .replaceAll(/\$\w+/g, '.+')
}
