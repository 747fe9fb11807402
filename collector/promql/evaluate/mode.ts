/** The most frequent of some values, of equally frequent ones the smallest; sorts them in place. */
export function modeOf(values: Float64Array): number {
  values.sort()
  let best = NaN
  let bestCount = 0
  for (let i = 0, start = 0; i < values.length; i++) {
    if (values[i] !== values[start]) start = i
    if (i - start + 1 <= bestCount) continue
    best = values[i]!
    bestCount = i - start + 1
  }
  return best
}
