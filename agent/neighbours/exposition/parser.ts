import { PgherdError } from '../../../common/errors.ts'
import type { SampleTable } from '../../../common/series/sample-table.ts'
import { createLayout } from './layout.ts'
import type { LaidOutSeries } from './layout.ts'
import { parseSeries } from '../../../common/series/exposition/series-text.ts'
import { parseRest, plainValue } from '../../../common/series/exposition/value.ts'

export interface Exposition {
  readonly tables: readonly SampleTable[]
  /** Samples in them. */
  readonly samples: number
  /** Lines that could not be read; the others are unharmed. */
  readonly badLines: number
  /** The first of them, with their numbers from 1. */
  readonly complaints: readonly { readonly line: number; readonly reason: string }[]
}

export interface ExpositionParserOptions {
  /** Whether samples of this metric, with or without labels, are wanted; asked once per series. */
  readonly keep?: (metric: string, isLabelled: boolean) => boolean
  /** Samples that are kept beyond this many make the exposition an error. */
  readonly sampleLimit?: number
}

/** Reads the expositions of one endpoint, one after the other. */
export interface ExpositionParser {
  /**
   * @param options.openMetrics whether the format must end with `# EOF`
   * @throws PgherdError BAD_DATA when it is no exposition, or QUERY_LIMIT when it has more samples than allowed
   */
  parse(text: string, options?: { readonly openMetrics?: boolean }): Exposition
}

interface KnownSeries extends LaidOutSeries {
  /** The text of its line up to the value. */
  readonly prefix: string
  readonly kept: boolean
  /** Where it stood in the latest exposition. */
  position: number | undefined
}

/** Of a series that is not kept nothing but its prefix is needed. */
const nothing: LaidOutSeries = { metric: '', labelNames: [], labels: [] }

const complaintsKept = 3
const lineFeed = 10
const hash = 35
const openingBrace = 123

/**
 * A parser for Prometheus' text format 0.0.4 and OpenMetrics 1.0, for endpoints whose series hardly change from
 * one scrape to the next: a line that begins like the one in its place last time costs one comparison and one
 * number, any other familiar one a look-up. Timestamps, exemplars, HELP, TYPE and UNIT are not used.
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/
 * @see https://prometheus.io/docs/specs/om/open_metrics_spec/
 */
export function createExpositionParser(options: ExpositionParserOptions = {}): ExpositionParser {
  const { keep = () => true, sampleLimit = Infinity } = options
  /** The series of the latest exposition in their order, and what is made of their values. */
  let expected: readonly KnownSeries[] = []
  let layout = createLayout([])
  let known = new Map<string, KnownSeries>()
  const nameLists = new Map<string, readonly string[]>()
  const texts = new Map<string, string>()

  const intern = (text: string): string => {
    const before = texts.get(text)
    if (before !== undefined) return before
    const own = copyOf(text)
    texts.set(own, own)
    return own
  }

  const remember = (sequence: readonly KnownSeries[]): void => {
    expected = sequence
    known = new Map()
    // What is not in use any more goes with the rest, which is cheap to find again.
    if (texts.size > 4 * sequence.length) texts.clear()
    if (nameLists.size > sequence.length) nameLists.clear()
    for (const [position, series] of sequence.entries()) {
      series.position = position
      known.set(series.prefix, series)
    }
  }

  /** The same texts and names as other series have, so that each is in memory once. */
  const shared = ({ metric, labelNames, labels }: LaidOutSeries): LaidOutSeries => {
    const namesKey = labelNames.join()
    let names = nameLists.get(namesKey)
    if (names === undefined) nameLists.set(namesKey, (names = labelNames.map(intern)))
    return { metric: intern(metric), labelNames: names, labels: labels.map(intern) }
  }

  const lookUp = (line: string): KnownSeries | undefined => {
    const brace = line.lastIndexOf('} ')
    return known.get(line.slice(0, brace < 0 ? line.indexOf(' ') + 1 : brace + 2))
  }

  const readSeries = (line: string): KnownSeries | string => {
    const parsed = parseSeries(line)
    if (typeof parsed === 'string') return parsed
    const prefix = line.slice(0, parsed.end)
    let series = known.get(prefix)
    if (series === undefined) {
      const kept = keep(
        parsed.metric,
        parsed.labels.some((label) => label !== ''),
      )
      const { metric, labelNames, labels } = kept ? shared(parsed) : nothing
      series = { metric, labelNames, labels, prefix: copyOf(prefix), kept, position: undefined }
      known.set(series.prefix, series)
    }
    return series
  }

  /** A line that did not begin as expected, or has more than a plain value; or what is wrong with it. */
  const readLine = (line: string): { series: KnownSeries; value: number } | string => {
    const familiar = lookUp(line)
    if (familiar !== undefined) {
      const value = parseRest(line.slice(familiar.prefix.length))
      if (typeof value === 'number') return { series: familiar, value }
      // What begins like one without labels may have some.
    }
    const series = readSeries(line)
    if (typeof series === 'string') return series
    const value = parseRest(line.slice(series.prefix.length))
    return typeof value === 'string' ? value : { series, value }
  }

  const read = (text: string, openMetrics: boolean): Exposition => {
    const values: number[] = []
    const complaints: { line: number; reason: string }[] = []
    /** The series in their order, from where that is not the expected one. */
    let sequence: KnownSeries[] | undefined
    let next = 0
    let badLines = 0
    let lines = 0
    let ended = false

    const complain = (reason: string): void => {
      badLines++
      if (complaints.length < complaintsKept) complaints.push({ line: lines, reason })
    }

    for (let start = 0, end = 0; start < text.length && !ended; start = end + 1) {
      lines++
      end = text.indexOf('\n', start)
      if (end < 0) end = text.length
      const first = text.charCodeAt(start)
      if (first === lineFeed) continue
      if (first === hash) {
        ended = end - start < 8 && /^# EOF\r?$/.test(text.slice(start, end))
        continue
      }
      let series = expected[next]
      let value: number | undefined
      if (series !== undefined && text.startsWith(series.prefix, start)) {
        const at = start + series.prefix.length
        if (series.kept) value = plainValue(text, at, end)
        // What begins like one without labels may have some.
        else if (text.charCodeAt(at) !== openingBrace) value = 0
      }
      if (series === undefined || value === undefined) {
        const line = text.slice(start, end)
        if (/^[ \t\r]*(?:#|$)/.test(line)) continue
        const found = readLine(line)
        if (typeof found === 'string') {
          complain(found)
          continue
        }
        value = found.value
        if (found.series !== series) {
          sequence ??= expected.slice(0, next)
          series = found.series
          next = series.position ?? next - 1
        }
      }
      next++
      sequence?.push(series)
      if (!series.kept) continue
      values.push(value)
      if (values.length > sampleLimit) {
        throw new PgherdError('QUERY_LIMIT', `there are more than ${sampleLimit} samples`)
      }
    }
    if (sequence === undefined && next < expected.length) sequence = expected.slice(0, next)
    const readLines = sequence?.length ?? next
    if (badLines > 0 && readLines === 0) {
      throw new PgherdError(
        'BAD_DATA',
        `this is no exposition: in line ${complaints[0]!.line} ${complaints[0]!.reason}`,
      )
    }
    if (openMetrics && !ended) complain('the exposition does not end with # EOF')
    if (sequence !== undefined) {
      remember(sequence)
      layout = createLayout(sequence.filter(({ kept }) => kept))
    }
    return { tables: layout(values), samples: values.length, badLines, complaints }
  }

  return {
    parse(text, { openMetrics = false } = {}) {
      if (/^\s*</.test(text)) {
        throw new PgherdError('BAD_DATA', 'this is no exposition but a page of HTML or XML')
      }
      try {
        return read(text, openMetrics)
      } finally {
        // Series of lines that had no value, or of an exposition over the limit, do not pile up.
        if (known.size > expected.length) remember(expected)
      }
    },
  }
}

/** A part of a string keeps the whole of it in memory; this does not. */
function copyOf(text: string): string {
  return Buffer.from(text).toString()
}
