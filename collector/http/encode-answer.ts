import type { LabelSet } from '../../common/series/label-set.ts'
import type { SeriesSamples } from '../../common/series/samples.ts'
import { jsonText } from './json-text.ts'
import { secondsText, valueText } from './number-text.ts'
import type { QueryAnswer } from './query-service.ts'

/** Small enough to keep the event loop free, large enough that a chunk's overhead does not count. */
const chunkCharacters = 64 * 1024

/** What a query cost. */
export interface QueryEffort {
  readonly queueMs: number
  readonly evaluationMs: number
  /** Whether Prometheus' object of statistics was asked for. */
  readonly wantsStats: boolean
}

/**
 * A query's answer as Prometheus' JSON, in pieces of about 64 KiB: a large matrix is never a second time in
 * memory as objects or as one string.
 */
export function* encodeAnswer(answer: QueryAnswer, effort?: QueryEffort): Generator<string, void, undefined> {
  const { value } = answer
  let text = `{"status":"success",${notes('warnings', answer.warnings)}${notes('infos', answer.infos)}"data":{"resultType":"${value.kind}","result":`
  switch (value.kind) {
    case 'scalar':
      text += `[${secondsText(value.timestampMs)},"${valueText(value.value)}"]`
      break
    case 'string':
      text += `[${secondsText(value.timestampMs)},${JSON.stringify(value.value)}]`
      break
    case 'vector': {
      const time = secondsText(value.timestampMs)
      let separator = '['
      for (const { labels, value: number } of value.samples) {
        text += `${separator}{"metric":${encodeLabels(labels)},"value":[${time},"${valueText(number)}"]}`
        separator = ','
        if (text.length >= chunkCharacters) {
          yield text
          text = ''
        }
      }
      text += separator === '[' ? '[]' : ']'
      break
    }
    case 'matrix': {
      let separator = '['
      const beginningsOf = createBeginnings()
      for (const series of value.series) {
        text += `${separator}{"metric":${encodeLabels(series.labels)},"values":[`
        for (const piece of encodeSamples(series, beginningsOf)) {
          text += piece
          if (text.length >= chunkCharacters) {
            yield text
            text = ''
          }
        }
        text += ']}'
        separator = ','
      }
      text += separator === '[' ? '[]' : ']'
      break
    }
  }
  const stats = effort?.wantsStats === true ? `,"stats":${prometheusStats(answer, effort)}` : ''
  yield `${text}${stats}}${effort === undefined ? '' : victoriaStats(answer, effort)}}`
}

/** `data.stats` of Prometheus' `stats=all`, seconds. Samples are those that were read from the store. */
function prometheusStats({ fetched }: QueryAnswer, { queueMs, evaluationMs }: QueryEffort): string {
  const evalTotalTime = evaluationMs / 1000
  const execQueueTime = queueMs / 1000
  return JSON.stringify({
    timings: {
      evalTotalTime,
      resultSortTime: 0,
      queryPreparationTime: 0,
      innerEvalTime: evalTotalTime,
      execQueueTime,
      execTotalTime: evalTotalTime + execQueueTime,
    },
    samples: { totalQueryableSamples: fetched?.samples ?? 0, peakSamples: fetched?.samples ?? 0 },
  })
}

/** VictoriaMetrics' `stats` beside `data`: vmalert warns of rules that match nothing by the string in it. */
function victoriaStats({ fetched }: QueryAnswer, { evaluationMs }: QueryEffort): string {
  if (fetched === undefined) return ''
  const executionTimeMsec = Math.round(evaluationMs)
  return `,"stats":${JSON.stringify({ seriesFetched: String(fetched.series), executionTimeMsec })}`
}

/** A label set as a JSON object. */
export function encodeLabels(labels: LabelSet): string {
  let text = '{'
  for (let i = 0; i < labels.length; i += 2) {
    if (i > 0) text += ','
    text += `${jsonText(labels[i]!)}:${jsonText(labels[i + 1]!)}`
  }
  return `${text}}`
}

function* encodeSamples(
  { timestamps, values }: SeriesSamples,
  beginningsOf: (timestamps: Float64Array) => readonly string[] | undefined,
): Generator<string, void, undefined> {
  const samplesPerPiece = 1024
  const beginnings = beginningsOf(timestamps)
  for (let from = 0; from < timestamps.length; from += samplesPerPiece) {
    const to = Math.min(from + samplesPerPiece, timestamps.length)
    let text = ''
    for (let i = from; i < to; i++) {
      text += `${i === 0 ? '' : ','}${beginnings?.[i] ?? beginningOf(timestamps[i]!)}${valueText(values[i]!)}"]`
    }
    yield text
  }
}

const beginningOf = (timeMs: number): string => `[${secondsText(timeMs)},"`

/** The series of a range query mostly share their times: then the texts of these are made once, for the second series. */
function createBeginnings(): (timestamps: Float64Array) => readonly string[] | undefined {
  let last: Float64Array | undefined
  let texts: readonly string[] | undefined
  return (timestamps) => {
    if (timestamps === last) return (texts ??= Array.from(timestamps, beginningOf))
    last = timestamps
    return (texts = undefined)
  }
}

function notes(name: string, texts: readonly string[] | undefined): string {
  return texts === undefined || texts.length === 0 ? '' : `"${name}":${JSON.stringify(texts)},`
}
