/**
 * Compensated summation after Kahan and Babuska (Neumaier's variant): sums of numbers of very different magnitude
 * keep their small parts. The compensation of one more `value` on top of `sum`; the caller adds both up.
 */
export function compensation(sum: number, value: number): number {
  const total = sum + value
  if (total === Infinity || total === -Infinity) return 0
  return Math.abs(sum) >= Math.abs(value) ? sum - total + value : value - total + sum
}

/** A factor that is exact for doubles and small enough that no sum of scaled values overflows. */
const scale = 2 ** -60

/** The sum of values[from] ... values[to - 1]. */
export function sumOf(values: Float64Array, from: number, to: number): number {
  let sum = 0
  let lost = 0
  for (let i = from; i < to; i++) {
    const value = values[i]!
    const total = sum + value
    if (total === Infinity || total === -Infinity) lost = 0
    else lost += Math.abs(sum) >= Math.abs(value) ? sum - total + value : value - total + sum
    sum = total
  }
  return sum + lost
}

/** The mean of values[from] ... values[to - 1]; finite whenever all values are. */
export function meanOf(values: Float64Array, from: number, to: number): number {
  const sum = sumOf(values, from, to)
  if (Number.isFinite(sum)) return sum / (to - from)
  let scaled = 0
  let lost = 0
  for (let i = from; i < to; i++) {
    const value = values[i]! * scale
    lost += compensation(scaled, value)
    scaled += value
  }
  return (scaled + (Number.isFinite(scaled) ? lost : 0)) / (to - from) / scale
}
