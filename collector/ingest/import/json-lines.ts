import { z } from 'zod'
import { messageOf } from '../../../common/errors.ts'
import type { Intake } from '../intake.ts'
import type { LineReader } from './line-reader.ts'

// The elements are looked at below: a line may have millions that are wrong, and zod would list them all.
const row = z.object({
  // Not a record, which would lose a label named __proto__.
  metric: z.custom<object>((json) => typeof json === 'object' && json !== null && !Array.isArray(json), {
    error: 'it must be an object',
  }),
  values: z.array(z.unknown()),
  timestamps: z.array(z.unknown()),
})

const special = new Map([
  ['nan', NaN],
  ['infinity', Infinity],
  ['+infinity', Infinity],
  ['inf', Infinity],
  ['+inf', Infinity],
  ['-infinity', -Infinity],
  ['-inf', -Infinity],
])

/**
 * Lines of VictoriaMetrics' /api/v1/export, which its /api/v1/import takes:
 * `{"metric":{"__name__":"up"},"values":[1],"timestamps":[1700000000000]}`. Its export writes a stale marker, the
 * only NaN that it keeps, as null, and infinities as strings (1.79: as bare words, and as NaN the stale marker that
 * comes first in its line).
 */
export function readJsonLines(intake: Intake): LineReader {
  return (line) => {
    if (line.trim() === '') return undefined
    let json: unknown
    try {
      json = parseJson(line)
    } catch (error) {
      return messageOf(error)
    }
    const parsed = row.safeParse(json)
    if (!parsed.success) return z.prettifyError(parsed.error).replaceAll('\n', ' ')
    const { metric, values, timestamps } = parsed.data
    if (values.length !== timestamps.length) {
      return `there are ${values.length} values and ${timestamps.length} timestamps`
    }
    const labels: unknown[] = Object.entries(metric).flat()
    if (!labels.every((label) => typeof label === 'string')) return 'a label has a value that is no string'
    const badValue = values.find((value) => !isValue(value))
    if (badValue !== undefined) return `the value ${shown(badValue)} is no number`
    const badTime = timestamps.find((time) => typeof time !== 'number')
    if (badTime !== undefined) return `the timestamp ${shown(badTime)} is no number`
    if (values.length === 0) return undefined
    const ref = intake.series(undefined, labels)
    for (const [i, value] of values.entries()) {
      const timestampMs = Math.trunc(Number(timestamps[i]))
      if (typeof value === 'number') intake.sample(ref, timestampMs, value)
      else if (typeof value === 'string') intake.sample(ref, timestampMs, special.get(value.toLowerCase())!)
      else intake.stale(ref, timestampMs)
    }
    return undefined
  }
}

/** Older VictoriaMetrics write infinities among the values without quotes. */
function parseJson(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch (error) {
    const quoted = line.replace(bareValues, (array) => array.replace(bareWords, unbared))
    if (quoted === line) throw error
    return JSON.parse(quoted)
  }
}

function unbared(word: string): string {
  return word.toLowerCase() === 'nan' ? 'null' : `"${word}"`
}

/** A quote inside a label has a backslash before it. */
const bareValues = /(?<!\\)"values":\[[^\]"]*\]/
const bareWords = /[+-]?(?:inf|nan)\b/gi

function isValue(value: unknown): boolean {
  if (typeof value === 'string') return special.has(value.toLowerCase())
  return typeof value === 'number' || value === null
}

function shown(value: unknown): string {
  return JSON.stringify(value).slice(0, 64)
}
