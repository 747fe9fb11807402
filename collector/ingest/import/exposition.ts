import { PgherdError } from '../../../common/errors.ts'
import { parseSeries } from '../../../common/series/exposition/series-text.ts'
import { parseValue } from '../../../common/series/exposition/value.ts'
import type { Intake } from '../intake.ts'
import { createExpositionComments } from './exposition-comments.ts'
import type { CreateLineReader, LineReader } from './line-reader.ts'

/**
 * Prometheus' text format 0.0.4 and OpenMetrics 1.0. A sample without a time gets the `timestamp` parameter
 * (milliseconds) or the present; exemplars are passed over. Times of OpenMetrics are seconds; as in VictoriaMetrics,
 * so are those that would be before February 1970 as milliseconds.
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/
 * @see https://prometheus.io/docs/specs/om/open_metrics_spec/
 */
export const readExposition: CreateLineReader = (intake, context) => {
  const isOpenMetrics = context.contentType?.toLowerCase().startsWith('application/openmetrics-text') ?? false
  const defaultMs = readTimestamp(context.parameters) ?? context.nowMs
  const comments = createExpositionComments(context.onMetadata)
  let ended = false
  return (line) => {
    if (ended) return undefined
    const first = line.charCodeAt(0)
    if (first === hash || !(first > blank)) {
      const text = line.trim()
      if (text === '') return undefined
      if (text.startsWith('#')) {
        ended = isOpenMetrics && text === '# EOF'
        comments.read(text)
        if (ended) comments.settle()
        return undefined
      }
    }
    comments.settle()
    return readSample(line, intake, defaultMs, isOpenMetrics)
  }
}

const hash = 35
const blank = 32

function readSample(
  line: string,
  intake: Intake,
  defaultMs: number,
  isOpenMetrics: boolean,
): ReturnType<LineReader> {
  const brace = line.lastIndexOf('} ')
  const end = brace < 0 ? line.indexOf(' ') + 1 : brace + 2
  const familiar = intake.known(line.slice(0, end))
  if (familiar !== undefined) {
    const rest = readRest(line, end, defaultMs, isOpenMetrics)
    if (typeof rest !== 'string') {
      intake.sample(familiar, rest.timestampMs, rest.value)
      return undefined
    }
    // What begins like one without labels may have some.
  }
  const series = parseSeries(line, { quotedNames: true })
  if (typeof series === 'string') return series
  const rest = readRest(line, series.end, defaultMs, isOpenMetrics)
  if (typeof rest === 'string') return rest
  const flat = ['__name__', series.metric]
  for (const [i, name] of series.labelNames.entries()) flat.push(name, series.labels[i]!)
  intake.sample(intake.series(line.slice(0, series.end), flat), rest.timestampMs, rest.value)
  return undefined
}

/** One for all lines: nothing keeps it. */
const found = { value: 0, timestampMs: 0 }

/** What follows the series: a value, perhaps a time, perhaps an exemplar; or what is wrong. */
function readRest(
  line: string,
  from: number,
  defaultMs: number,
  isOpenMetrics: boolean,
): typeof found | string {
  const rest = line.slice(from).trim()
  if (rest === '') return 'there is no value'
  const gap = rest.search(/[ \t]/)
  const value = parseValue(gap < 0 ? rest : rest.slice(0, gap))
  if (value === undefined) return 'the value is no number'
  found.value = value
  found.timestampMs = defaultMs
  if (gap < 0) return found
  const [, time] = afterValue.exec(rest.slice(gap).trimStart()) ?? []
  if (time === undefined) return 'something else than a timestamp follows the value'
  if (time !== '') {
    const number = Number(time)
    if (!Number.isFinite(number)) return 'the timestamp is no number'
    const isSeconds = isOpenMetrics || Math.abs(number) < 2 ** 31
    found.timestampMs = isSeconds ? Math.round(number * 1000) : Math.trunc(number)
  }
  return found
}

const afterValue = /^((?:[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?)?)[ \t]*(?:#[ \t]*\{.*)?$/is

/** The `timestamp` parameter of VictoriaMetrics. */
function readTimestamp(parameters: URLSearchParams): number | undefined {
  const text = parameters.get('timestamp') ?? ''
  if (text === '') return undefined
  if (!/^-?\d{1,15}$/.test(text)) {
    throw new PgherdError(
      'BAD_REQUEST',
      `invalid parameter "timestamp": "${text.slice(0, 64)}" is no time in milliseconds`,
    )
  }
  return Number(text)
}
