import type { ChartLine } from './lines.ts'

/**
 * The values as they are drawn: lines of a stack on top of those before them, with percentages as shares of the whole.
 * A missing value adds nothing, and is a gap where all of the stack is missing: an area has to stand on something.
 */
export function drawnValues(
  lines: readonly Pick<ChartLine, 'values' | 'stack' | 'isPercentStack' | 'axis'>[],
): readonly (readonly (number | null)[])[] {
  const totals = new Map<string, number[]>()
  const keyOf = ({ stack, axis }: Pick<ChartLine, 'stack' | 'axis'>): string => `${axis} ${stack ?? ''}`
  for (const line of lines) {
    if (line.stack === null || !line.isPercentStack) continue
    const total = totals.get(keyOf(line)) ?? []
    line.values.forEach((value, index) => (total[index] = (total[index] ?? 0) + (value ?? 0)))
    totals.set(keyOf(line), total)
  }
  const present = new Map<string, boolean[]>()
  for (const line of lines) {
    const known = present.get(keyOf(line)) ?? []
    line.values.forEach((value, index) => (known[index] ||= value !== null))
    present.set(keyOf(line), known)
  }
  const sums = new Map<string, number[]>()
  return lines.map((line) => {
    if (line.stack === null) return line.values
    const sum = sums.get(keyOf(line)) ?? []
    const total = totals.get(keyOf(line))
    sums.set(keyOf(line), sum)
    return line.values.map((value, index) => {
      if (value === null) return present.get(keyOf(line))?.[index] === true ? (sum[index] ?? 0) : null
      const whole = total?.[index] ?? 1
      const height = (sum[index] ?? 0) + (whole === 0 ? 0 : value / whole)
      sum[index] = height
      return height
    })
  })
}

/** For each line of a stack but the lowest, the index of the line that it stands on. */
export function stackedOn(
  lines: readonly Pick<ChartLine, 'stack' | 'axis'>[],
): readonly (readonly [upper: number, lower: number])[] {
  const last = new Map<string, number>()
  return lines.flatMap(({ stack, axis }, index) => {
    if (stack === null) return []
    const key = `${axis} ${stack}`
    const below = last.get(key)
    last.set(key, index)
    return below === undefined ? [] : [[index, below] as const]
  })
}

/** Points with a gap on both sides: a line does not show them, so they are drawn as dots. */
export function isolatedIndexes(values: ArrayLike<number | null | undefined>): number[] {
  const found: number[] = []
  const isGap = (index: number): boolean => (values[index] ?? null) === null
  for (let i = 0; i < values.length; i++) if (!isGap(i) && isGap(i - 1) && isGap(i + 1)) found.push(i)
  return found
}
