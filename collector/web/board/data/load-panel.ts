import { z } from 'zod'
import type { CollectorClient, QueryRange } from '../../api/client.ts'
import { vectorAnswer } from '../../api/answers.ts'
import { parseDuration } from '../../query/duration.ts'
import { pointsOf, queryRange, scrapeSeconds, timeVariables } from '../../query/query-range.ts'
import { spanOf } from '../../query/time-range.ts'
import type { TimeSpan } from '../../query/time-range.ts'
import type { Panel } from '../model/board.ts'
import type { Target } from '../model/target.ts'
import { expand } from '../variables/expand.ts'
import type { Scope } from '../variables/expand.ts'
import type { Frame } from './frame.ts'
import { instantFrames, rangeFrames, tableFrame } from './frames-of-answer.ts'
import { transformFrames } from './transform.ts'

/** What a panel shows, and the instants it was asked for. */
export interface PanelData {
  readonly frames: readonly Frame[]
  readonly span: TimeSpan
  readonly stepSeconds: number
  /** The variables as they were, those of time included. */
  readonly scope: Scope
}

/** What the queries of a panel have in common. */
export interface PanelQuestion {
  readonly span: TimeSpan
  readonly range: QueryRange
  readonly scope: Scope
}

/**
 * The span, step and variables with which a panel is asked. The step is what its width can show, but at least what
 * the panel wants, and the query of it that wants the least.
 */
export function questionOf(
  panel: Pick<Panel, 'targets' | 'interval' | 'timeFrom' | 'maxDataPoints'>,
  boardSpan: TimeSpan,
  scope: Scope,
  widthPixels: number,
): PanelQuestion {
  const own = panel.timeFrom === null || panel.timeFrom === undefined ? '' : panel.timeFrom
  const span =
    own === '' ? boardSpan : (spanOf({ from: `now-${own}`, to: 'now' }, boardSpan.toMs) ?? boardSpan)
  const wanted = panel.targets.map(({ interval }) => secondsOf(interval, scope))
  const finest = wanted.reduce((a, b) => Math.min(a, b), wanted[0] ?? 0)
  const least = Math.max(secondsOf(panel.interval ?? '', scope), finest, scrapeSeconds)
  const points = Math.min(pointsOf(widthPixels), panel.maxDataPoints ?? Infinity)
  const range = queryRange(span, points, least)
  return {
    span,
    range,
    scope: { ...scope, texts: new Map([...scope.texts, ...timeVariables(span, range.step)]) },
  }
}

function secondsOf(duration: string, scope: Scope): number {
  return parseDuration(expand(duration, scope, 'text')) ?? 0
}

/**
 * Asks all queries of a panel for the same instants, each with intervals that are no shorter than it wants; fails when one
 * of them does.
 */
export async function loadPanel(
  client: Pick<CollectorClient, 'get' | 'range'>,
  panel: Pick<Panel, 'targets' | 'transformations'>,
  { span, range, scope }: PanelQuestion,
  signal: AbortSignal,
): Promise<PanelData> {
  const targets = panel.targets.filter(({ hide, expr }) => !hide && expr !== '')
  const tables = targets.filter(({ format }) => format === 'table')
  const answers = await Promise.all(targets.map(ask))
  return {
    frames: transformFrames(answers.flat(), panel.transformations),
    span,
    stepSeconds: range.step,
    scope,
  }

  async function ask(target: Target): Promise<readonly Frame[]> {
    const step = Math.max(range.step, secondsOf(target.interval, scope))
    const texts = new Map([...scope.texts, ...timeVariables(span, step)])
    const expr = expand(target.expr, { ...scope, texts }, 'promql')
    const legend = expand(target.legendFormat, scope, 'text')
    const asked = { refId: target.refId, expr }
    if (!target.isInstant && target.format !== 'table') {
      return rangeFrames(await client.range(expr, range, signal), range, asked, legend)
    }
    const parameters = { query: expr, time: String(Math.floor(span.toMs / 1000)) }
    const { data } = await client.get('api/v1/query', parameters, instantAnswer, signal)
    if (target.format !== 'table') return instantFrames(data.result, asked, legend)
    return [tableFrame(data.result, target.refId, tables.length > 1 ? `Value #${target.refId}` : 'Value')]
  }
}

const scalar = z.object({ resultType: z.literal('scalar'), result: z.tuple([z.number(), z.string()]) })

/** A vector, or a scalar as a vector without labels. */
export const instantAnswer = z.union([
  vectorAnswer,
  z.object({ data: scalar }).transform(({ data }) => ({
    data: { resultType: 'vector' as const, result: [{ metric: {}, value: data.result }] },
  })),
])
