import type { ApiAnswer, Point } from './ask-api.ts'

/**
 * The first difference between two answers, undefined for none. Values may differ by one part in 10^9; `ordered` says
 * that the order of the series counts.
 */
export function answerDifference(ours: ApiAnswer, theirs: ApiAnswer, ordered: boolean): string | undefined {
  if (!('series' in ours) || !('series' in theirs)) return problemDifference(ours, theirs)
  if (ours.type !== theirs.type) return `the type is ${ours.type}, not ${theirs.type}`
  for (const key of theirs.series.keys()) if (!ours.series.has(key)) return `${key} is missing`
  for (const [key, points] of ours.series) {
    const expected = theirs.series.get(key)
    if (expected === undefined) return `${key} is too much: ${JSON.stringify(points[0])}`
    const difference = pointDifference(points, expected)
    if (difference !== undefined) return `${key} ${difference}`
  }
  if (ordered || ours.type === 'matrix') {
    const [a, b] = [[...ours.series.keys()].join(' '), [...theirs.series.keys()].join(' ')]
    if (a !== b) return `the order is ${a}, not ${b}`
  }
  return undefined
}

function problemDifference(ours: ApiAnswer, theirs: ApiAnswer): string | undefined {
  const [a, b] = [ours, theirs].map((answer) =>
    'series' in answer ? 'an answer' : `${answer.status} ${answer.errorType}`,
  )
  if (a === b) return undefined
  const texts = [ours, theirs].map((answer) => ('series' in answer ? '' : answer.error))
  return `${a} (${texts[0]}), not ${b} (${texts[1]})`
}

function pointDifference(ours: readonly Point[], theirs: readonly Point[]): string | undefined {
  for (const [i, [time, value]] of ours.entries()) {
    const [otherTime, otherValue] = theirs[i] ?? []
    if (time !== otherTime || otherValue === undefined) return `has a point at ${time}, not ${otherTime}`
    if (!isClose(value, otherValue)) return `at ${time} is ${value}, not ${otherValue}`
  }
  return ours.length < theirs.length ? `lacks a point at ${theirs[ours.length]![0]}` : undefined
}

function isClose(text: string, otherText: string): boolean {
  if (text === otherText) return true
  const [value, other] = [Number(text), Number(otherText)]
  if (!Number.isFinite(value) || !Number.isFinite(other)) return false
  // The smallest doubles have hardly any digits.
  return Math.abs(value - other) <= Math.max(1e-9 * Math.max(Math.abs(value), Math.abs(other)), 1e-320)
}
