import { z } from 'zod'
import { compareLabelSets, labelSet } from '../../../common/series/label-set.ts'
import type { LabelSet } from '../../../common/series/label-set.ts'
import type { Matcher } from '../../../common/series/matcher.ts'
import type { Failover } from './failover.ts'
import { seconds } from './queries.ts'
import { readJson } from './read-json.ts'
import { selectorText } from './selector-text.ts'

type Selectors = readonly (readonly Matcher[])[]

/** Which series there are. Times are milliseconds; the engine knows them by the day. */
export interface SeriesLists {
  series(selectors: Selectors, fromMs: number, toMs: number): Promise<LabelSet[]>
  labelNames(selectors: Selectors, fromMs: number, toMs: number): Promise<string[]>
  labelValues(name: string, selectors: Selectors, fromMs: number, toMs: number): Promise<string[]>
}

const maxAnswerBytes = 128 * 1024 * 1024
/** Clients that want everything ask for times that no calendar has. */
const latestMs = Date.UTC(2100, 0, 1)
const names = z.object({ data: z.array(z.string()) })
const sets = z.object({ data: z.array(z.record(z.string(), z.string())) })

/** @throws PgherdError as queries do */
export function createSeriesLists(options: {
  readonly select: Pick<Failover, 'send'>
  readonly path: string
  readonly timeoutMs: number
}): SeriesLists {
  const ask = async <T>(
    schema: z.ZodType<T>,
    name: string,
    selectors: Selectors,
    fromMs: number,
    toMs: number,
  ): Promise<T> => {
    const form = new URLSearchParams({
      start: seconds(Math.max(0, fromMs)),
      end: seconds(Math.min(toMs, latestMs)),
    })
    for (const matchers of selectors) form.append('match[]', selectorText(matchers))
    const path = `${options.path}/${name}`
    const answer = await options.select.send({
      method: 'POST',
      path,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: form.toString(),
      timeoutMs: options.timeoutMs,
      maxAnswerBytes,
    })
    return readJson(answer, schema, path)
  }
  return {
    async series(selectors, fromMs, toMs) {
      const { data } = await ask(sets, 'series', selectors.length === 0 ? [[]] : selectors, fromMs, toMs)
      return data.map(labelSet).sort(compareLabelSets)
    },
    async labelNames(selectors, fromMs, toMs) {
      const { data } = await ask(names, 'labels', selectors, fromMs, toMs)
      return data.sort()
    },
    async labelValues(name, selectors, fromMs, toMs) {
      const path = `label/${encodeURIComponent(name)}/values`
      const { data } = await ask(names, path, selectors, fromMs, toMs)
      return data.sort()
    },
  }
}
