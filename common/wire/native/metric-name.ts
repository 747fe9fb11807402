import { metricNameLabel } from '../../series/label-set.ts'
import type { LabelSet } from '../../series/label-set.ts'
import { badNative } from './varints.ts'

/*
 * Labels as VictoriaMetrics keeps them: the metric name, then each label's name and value, every text followed by
 * a byte 1. The bytes 0, 1 and 2 inside a text are written as 0 and a digit.
 */
const escape = 0
const end = 1
const digit0 = 0x30

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export function encodeMetricName(labels: LabelSet): Uint8Array {
  const out: number[] = []
  const texts = ['']
  for (let i = 0; i < labels.length; i += 2) {
    if (labels[i] === metricNameLabel) texts[0] = labels[i + 1]!
    else texts.push(labels[i]!, labels[i + 1]!)
  }
  for (const text of texts) {
    for (const byte of encoder.encode(text)) {
      if (byte <= 2) out.push(escape, digit0 + byte)
      else out.push(byte)
    }
    out.push(end)
  }
  return Uint8Array.from(out)
}

/**
 * Names and values in the order in which they stand, the metric name first; not yet checked or sorted.
 * @throws PgherdError BAD_DATA
 */
export function decodeMetricName(bytes: Uint8Array): string[] {
  const texts: string[] = []
  let text: number[] = []
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!
    if (byte === end) {
      texts.push(asText(text))
      text = []
    } else if (byte === escape) {
      const code = bytes[++i] ?? 0
      if (code < digit0 || code > digit0 + 2) throw badNative('a label has an unknown escape')
      text.push(code - digit0)
    } else text.push(byte)
  }
  if (text.length > 0 || texts.length % 2 === 0) throw badNative('labels end in the middle')
  const [name = '', ...labels] = texts
  return name === '' ? labels : [metricNameLabel, name, ...labels]
}

function asText(bytes: readonly number[]): string {
  try {
    return decoder.decode(Uint8Array.from(bytes))
  } catch (error) {
    if (error instanceof TypeError) throw badNative('a label is not UTF-8')
    throw error
  }
}
