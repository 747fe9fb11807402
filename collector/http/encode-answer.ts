import type { LabelSet } from '../../common/series/label-set.ts'
import type { SeriesSamples } from '../../common/series/samples.ts'
import { jsonText } from './json-text.ts'
import { secondsText, valueText } from './number-text.ts'
import { longestNumber, putSeconds, putValue } from './put-number.ts'
import type { QueryAnswer } from './query-service.ts'
import { createTextBytes, putText, reserveText, takeText } from './text-bytes.ts'
import type { TextBytes } from './text-bytes.ts'

/** Small enough to keep the event loop free, large enough that a chunk's overhead does not count. */
const chunkCharacters = 64 * 1024

/** Where samples become text: in no answer is anything of it between two pieces. */
const scratch = createTextBytes(2 * chunkCharacters)

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
export function* encodeAnswer(
  answer: QueryAnswer,
  effort?: QueryEffort,
): Generator<string | Uint8Array, void, undefined> {
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
      // An answer that failed may have left something.
      scratch.at = 0
      for (const series of value.series) {
        text += `${separator}{"metric":${encodeLabels(series.labels)},"values":[`
        separator = ','
        const count = series.timestamps.length
        for (let from = 0; from < count;) {
          putText(scratch, text)
          text = ''
          from = putSamples(scratch, series, from)
          if (scratch.at >= chunkCharacters) yield takeText(scratch)
        }
        text += ']}'
      }
      text += separator === '[' ? '[]' : ']'
      break
    }
  }
  const stats = effort?.wantsStats === true ? `,"stats":${prometheusStats(answer, effort)}` : ''
  const end = `${text}${stats}}${effort === undefined ? '' : victoriaStats(answer, effort)}}`
  if (value.kind === 'matrix') {
    putText(scratch, end)
    yield takeText(scratch)
  } else yield end
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

/** Two numbers with what is around them. */
const longestSample = 2 * longestNumber + 8
/** `,[` and `,"` and `"]`, the first character in the lower byte. */
const commaBracket = 0x5b2c
const commaQuote = 0x222c
const quoteBracket = 0x5d22

/** Puts the samples of a series from `from` on, until a piece is full; gives the first that is left. */
function putSamples(to: TextBytes, { timestamps, values }: SeriesSamples, from: number): number {
  let i = from
  for (; i < timestamps.length && to.at < chunkCharacters; i++) {
    reserveText(to, longestSample)
    const { view } = to
    let at = to.at
    view.setUint16(at, commaBracket, true)
    // Nothing is in front of the first, and its comma is overwritten.
    if (i === 0) view.setUint8(at--, commaBracket >> 8)
    at = putSeconds(view, at + 2, timestamps[i]!)
    view.setUint16(at, commaQuote, true)
    at = putValue(view, at + 2, values[i]!)
    view.setUint16(at, quoteBracket, true)
    to.at = at + 2
  }
  return i
}

function notes(name: string, texts: readonly string[] | undefined): string {
  return texts === undefined || texts.length === 0 ? '' : `"${name}":${JSON.stringify(texts)},`
}
