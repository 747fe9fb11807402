import { emptySpan } from './guard-sample.ts'
import type { GuardSample, GuardSpan } from './guard-sample.ts'

/**
 * What happened between two looks. Empty where the server was started in between, the clock was set back, or a counter fell: of a sum over
 * databases nobody can tell a reset from a dropped database. A statement that fell was thrown out and came back, and is left out.
 */
export function spanBetween(before: GuardSample, after: GuardSample): GuardSpan {
  const seconds = (after.atMs - before.atMs) / 1000
  if (seconds <= 0 || before.serverStartMs !== after.serverStartMs) return emptySpan
  const counters: Record<string, number> = {}
  for (const [name, value] of Object.entries(after.counters)) {
    const was = before.counters[name]
    if (was === undefined) continue
    if (value < was) return emptySpan
    counters[name] = value - was
  }
  const statements: Record<string, [number, number]> = {}
  for (const [key, [calls, ms]] of Object.entries(after.statements)) {
    const [callsBefore, msBefore] = before.statements[key] ?? [calls, ms]
    if (calls > callsBefore && ms >= msBefore) statements[key] = [calls - callsBefore, ms - msBefore]
  }
  return {
    seconds,
    looks: 1,
    counters,
    gauges: Object.fromEntries(Object.entries(after.gauges).map(([name, value]) => [name, [value, 1]])),
    statements,
  }
}

/** Two stretches as one. A counter that one of them does not have is left out. */
export function addSpans(a: GuardSpan, b: GuardSpan): GuardSpan {
  if (a.looks === 0) return b
  if (b.looks === 0) return a
  const counters: Record<string, number> = {}
  for (const [name, value] of Object.entries(a.counters)) {
    const other = b.counters[name]
    if (other !== undefined) counters[name] = value + other
  }
  return {
    seconds: a.seconds + b.seconds,
    looks: a.looks + b.looks,
    counters,
    gauges: addPairs(a.gauges, b.gauges),
    statements: addPairs(a.statements, b.statements),
  }
}

type Pairs = Readonly<Record<string, readonly [number, number]>>

function addPairs(a: Pairs, b: Pairs): Record<string, [number, number]> {
  const sum: Record<string, [number, number]> = {}
  for (const pairs of [a, b]) {
    for (const [key, [first, second]] of Object.entries(pairs)) {
      const [one, two] = sum[key] ?? [0, 0]
      sum[key] = [one + first, two + second]
    }
  }
  return sum
}

/** Those statements of a stretch that took most of the time. */
export function busiest({ statements }: GuardSpan, count: number): readonly string[] {
  return Object.entries(statements)
    .sort(([, [, a]], [, [, b]]) => b - a)
    .slice(0, count)
    .map(([key]) => key)
}

export function withStatements(span: GuardSpan, keys: readonly string[]): GuardSpan {
  return {
    ...span,
    statements: Object.fromEntries(
      keys.flatMap((key) => (span.statements[key] === undefined ? [] : [[key, span.statements[key]]])),
    ),
  }
}
