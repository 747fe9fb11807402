import { z } from 'zod'
import type { Clock } from '../../../common/clock.ts'
import { PgherdError } from '../../../common/errors.ts'
import { compareLabelSets, labelSet } from '../../../common/series/label-set.ts'
import type { Matcher } from '../../../common/series/matcher.ts'
import type { Storage } from '../storage.ts'
import { dayParameters } from './engine-times.ts'
import type { Failover } from './failover.ts'
import { readJson } from './read-json.ts'
import { selectorText } from './selector-text.ts'

type Selectors = readonly (readonly Matcher[])[]

/** Which series there are; the engine knows their times by the day. */
export type SeriesLists = Pick<Storage, 'series' | 'labelNames' | 'labelValues'>

const maxAnswerBytes = 128 * 1024 * 1024
const names = z.object({ data: z.array(z.string()) })
const sets = z.object({ data: z.array(z.record(z.string(), z.string())) })

/** @throws PgherdError as queries do */
export function createSeriesLists(options: {
  readonly select: Pick<Failover, 'send'>
  readonly path: string
  readonly timeoutMs: number
  readonly clock: Clock
}): SeriesLists {
  const ask = async <T>(
    schema: z.ZodType<T>,
    name: string,
    selectors: Selectors,
    fromMs: number,
    toMs: number,
    signal: AbortSignal | undefined,
  ): Promise<T> => {
    const form = new URLSearchParams(dayParameters(fromMs, toMs, options.clock.now()))
    for (const matchers of selectors) form.append('match[]', selectorText(matchers))
    const path = `${options.path}/${name}`
    const answer = await options.select.send({
      method: 'POST',
      path,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: form.toString(),
      timeoutMs: options.timeoutMs,
      ...(signal === undefined ? {} : { signal }),
      maxAnswerBytes,
    })
    return readJson(answer, schema, path)
  }
  return {
    async series(selectors, fromMs, toMs, { signal, maxSeries = Infinity } = {}) {
      const all = selectors.length === 0 ? [[]] : selectors
      const { data } = await ask(sets, 'series', all, fromMs, toMs, signal)
      if (data.length > maxSeries) {
        throw new PgherdError('QUERY_LIMIT', `the selection has more than ${maxSeries} series`)
      }
      return data.map(labelSet).sort(compareLabelSets)
    },
    async labelNames(selectors, fromMs, toMs, { signal } = {}) {
      const { data } = await ask(names, 'labels', selectors, fromMs, toMs, signal)
      return data.sort()
    },
    async labelValues(name, selectors, fromMs, toMs, { signal } = {}) {
      const path = `label/${encodeURIComponent(name)}/values`
      const { data } = await ask(names, path, selectors, fromMs, toMs, signal)
      return data.sort()
    },
  }
}
