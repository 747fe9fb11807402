import { z } from 'zod'
import { PgherdError } from '../../common/errors.ts'
import type { Matcher } from '../../common/series/matcher.ts'
import { metricNameLabel } from '../../common/series/label-set.ts'
import type { SeriesSamples } from '../../common/series/samples.ts'
import {
  decodeReadAnswer,
  encodeReadRequest,
  remoteReadHeaders,
} from '../../common/wire/remote-read-client.ts'
import type { Selectors, Source } from './ends.ts'
import type { Web } from './web-end.ts'

const nameAnswer = z.object({ data: z.array(z.string()) })
/** Metrics that are asked for at once. An answer that is too much is asked for in halves. */
const namesAtOnce = 50
const maxBodyBytes = 64 << 20
const maxAnswerBytes = 512 << 20
/** A window of two hours at most, of fifty metrics with all their series. */
const readTimeoutMs = 600_000

/**
 * A Prometheus, or whatever answers remote read, such as another collector. Answers are samples as they are stored, stale
 * markers included.
 */
export function createPrometheusSource(web: Web): Source {
  const ask = async (matchers: readonly Matcher[], fromMs: number, toMs: number) => {
    const { body } = await web.send({
      method: 'POST',
      path: '/api/v1/read',
      headers: remoteReadHeaders,
      body: encodeReadRequest(matchers, fromMs, toMs),
      maxAnswerBytes: maxBodyBytes,
      timeoutMs: readTimeoutMs,
    })
    return decodeReadAnswer(body, maxAnswerBytes)
  }
  /** In halves of the names, then of the time, where it is too much. */
  async function* readNames(
    names: readonly string[],
    matchers: readonly Matcher[],
    fromMs: number,
    toMs: number,
  ): AsyncGenerator<SeriesSamples> {
    const ofNames: Matcher = { name: metricNameLabel, operator: '=~', value: names.map(escaped).join('|') }
    try {
      yield* await ask([...matchers, ofNames], fromMs, toMs)
      return
    } catch (error) {
      const isTooMuch = error instanceof PgherdError && /^(?:REQUEST_TOO_LARGE|BAD_DATA)$/.test(error.code)
      if (!isTooMuch || (names.length === 1 && toMs <= fromMs)) throw error
    }
    if (names.length > 1) {
      const half = names.length >> 1
      yield* readNames(names.slice(0, half), matchers, fromMs, toMs)
      yield* readNames(names.slice(half), matchers, fromMs, toMs)
    } else {
      const middle = Math.floor((fromMs + toMs) / 2)
      yield* readNames(names, matchers, fromMs, middle)
      yield* readNames(names, matchers, middle + 1, toMs)
    }
  }
  return {
    async *read(selectors, fromMs, toMs) {
      const names = await namesBetween(web, fromMs, toMs)
      for (const matchers of eachOnce(selectors)) {
        for (let at = 0; at < names.length; at += namesAtOnce) {
          yield* readNames(names.slice(at, at + namesAtOnce), matchers, fromMs, toMs)
        }
      }
    },
    async bounds() {
      const { body } = await web.send({ method: 'GET', path: '/metrics' })
      const text = Buffer.from(body).toString('utf8')
      const found = /^prometheus_tsdb_lowest_timestamp_seconds (\S+)$/m.exec(text)?.[1]
      const seconds = Number(found ?? NaN)
      return { fromMs: seconds > 0 ? seconds * 1000 : undefined, toMs: undefined }
    },
  }
}

/** Of several selectors, which may match the same series, each is read: what comes twice is stored once. */
function eachOnce(selectors: Selectors): Selectors {
  return selectors.length === 0 ? [[]] : selectors
}

async function namesBetween(web: Web, fromMs: number, toMs: number): Promise<readonly string[]> {
  const range = new URLSearchParams({ start: String(fromMs / 1000), end: String(toMs / 1000) })
  const path = `/api/v1/label/${metricNameLabel}/values?${range.toString()}`
  const { body } = await web.send({ method: 'GET', path, maxAnswerBytes: maxBodyBytes })
  const parsed = nameAnswer.safeParse(orNothing(Buffer.from(body).toString('utf8')))
  if (parsed.success) return parsed.data.data
  throw new PgherdError(
    'BAD_DATA',
    `${web.url}${path} did not answer with names of metrics: is that the URL of a Prometheus?`,
  )
}

function orNothing(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}

function escaped(name: string): string {
  return name.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')
}
