import type { ChartAxis } from './lines.ts'

type Bounds = Pick<ChartAxis, 'min' | 'max' | 'softMin' | 'softMax' | 'isLogarithmic'>

/**
 * The ends of a value axis: the ones that are set, else around the values. It starts at zero unless the values are so
 * close to each other that nothing of them could be seen.
 */
export function axisRange(low: number | null, high: number | null, axis: Bounds): [number, number] {
  if (low === null || high === null) {
    const from = axis.min ?? axis.softMin ?? 0
    return [from, Math.max(axis.max ?? axis.softMax ?? from + 1, from + 1e-9)]
  }
  if (axis.isLogarithmic) {
    const bottom = axis.min ?? (low > 0 ? low : Math.min(1, high > 0 ? high / 1000 : 1))
    const start = bottom > 0 ? oneDigit(bottom) : 1
    return [start, Math.max(axis.max ?? high, start * 10)]
  }
  if (low === 0 && high === 0 && axis.softMax === null) return [axis.min ?? 0, axis.max ?? 1]
  const softLow = Math.min(low, axis.softMin ?? Infinity)
  const softHigh = Math.max(high, axis.softMax ?? -Infinity, high < 0 ? 0 : -Infinity)
  const isClose = axis.softMin === null && low > 0 && high > low && high - low < high * 0.4
  const room = Math.max((softHigh - softLow) * 0.1, Math.abs(softHigh) * 0.0005, 1e-9)
  const bottom =
    axis.min ?? (isClose ? Math.max(0, low - room) : Math.min(0, low < 0 ? softLow - room : softLow))
  // A soft end stays where it is as long as nothing is beyond it.
  const top = axis.max ?? (axis.softMax !== null && high <= axis.softMax ? axis.softMax : softHigh + room)
  return top > bottom ? [bottom, top] : [bottom, bottom + 1]
}

/** Not above the value, with one digit: uPlot counts the lines of a logarithmic grid from it, and none ends that begins at 9.5e-5. */
function oneDigit(value: number): number {
  const [digits, exponent] = value.toExponential(15).split('e') as [string, string]
  return Number(`${digits[0]!}e${exponent}`)
}
