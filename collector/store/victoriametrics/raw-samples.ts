import type { Clock } from '../../../common/clock.ts'
import { PgherdError } from '../../../common/errors.ts'
import type { Matcher } from '../../../common/series/matcher.ts'
import type { SeriesSamples } from '../../../common/series/samples.ts'
import { engineError } from './engine-error.ts'
import { rangeParameters } from './engine-times.ts'
import { readExportLine } from './export-line.ts'
import type { Failover } from './failover.ts'
import { withPatience } from './patience.ts'
import { readLines } from './read-lines.ts'
import { selectorText } from './selector-text.ts'

export interface RawOptions {
  readonly signal?: AbortSignal | undefined
  readonly timeoutMs: number
}

/** Samples as they are stored, a series at a time in one or more pieces. Times are milliseconds, both ends included. */
export type RawSamples = (
  selectors: readonly (readonly Matcher[])[],
  fromMs: number,
  toMs: number,
  options: RawOptions,
) => AsyncIterable<SeriesSamples>

/** Samples of a piece; a series with more comes in several. */
const pieceSamples = 100_000
const maxLineBytes = 64 * 1024 * 1024
/** An engine that hangs would keep an export for a day. */
const maxSilenceMs = 60_000
const maxErrorBytes = 64 * 1024

/** @throws PgherdError CANCELLED, TIMED_OUT, UNREACHABLE and what the engine says */
export function createRawSamples(options: {
  readonly select: Pick<Failover, 'stream'>
  /** In front of `export`. */
  readonly path: string
  readonly clock: Clock
}): RawSamples {
  return async function* rawSamples(selectors, fromMs, toMs, { signal, timeoutMs }) {
    const form = new URLSearchParams({
      ...rangeParameters(fromMs, toMs, options.clock.now()),
      max_rows_per_line: String(pieceSamples),
    })
    for (const matchers of selectors.length === 0 ? [[]] : selectors) {
      form.append('match[]', selectorText(matchers))
    }
    const answer = await withPatience(maxSilenceMs, signal, (whileWanted) =>
      options.select.stream({
        method: 'POST',
        path: `${options.path}/export`,
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: form.toString(),
        timeoutMs,
        signal: whileWanted,
      }),
    )
    if (answer.status !== 200) throw engineError(answer.status, await excerpt(answer.body))
    for await (const line of readLines(answer.body, maxLineBytes)) {
      const series = readExportLine(line)
      if (series === undefined) {
        const start = JSON.stringify(line.slice(0, 80))
        throw new PgherdError('UNREACHABLE', `VictoriaMetrics exported something else than samples: ${start}`)
      }
      if (series.timestamps.length > 0) yield series
    }
  }
}

async function excerpt(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of body) {
    parts.push(part)
    size += part.length
    if (size >= maxErrorBytes) break
  }
  return Buffer.concat(parts)
}
