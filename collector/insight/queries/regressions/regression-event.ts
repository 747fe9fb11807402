import type { QueryRegression } from '../../../../common/insight/queries-view.ts'
import type { NewEvent } from '../../../../common/wire/events.ts'
import type { Behaviour } from './behaviour.ts'
import { printGrowth } from './print-growth.ts'
import type { Place } from './watched-queries.ts'

const textLength = 160

/** What is told of a statement that has become worse: figures of before and after, and what it is. */
export function regressionEvent(
  { cluster, server, datname, query }: Place,
  regression: QueryRegression,
  { calls }: Behaviour,
  windowMs: number,
  text: string | undefined,
): NewEvent {
  const window =
    windowMs >= 60_000 ? `${Math.round(windowMs / 60_000)} min` : `${Math.round(windowMs / 1000)} s`
  const words = text === undefined ? '' : `: ${text.replaceAll(/\s+/g, ' ').slice(0, textLength)}`
  return {
    type: 'query-regressed',
    node: server,
    cluster,
    text: `statement ${query} of ${datname} ${printGrowth(regression)} against its last week, by ${Math.round(calls)} calls in ${window}${words}`,
    command: null,
  }
}
