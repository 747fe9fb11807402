/** Reused from series to series: the windows of one are done before the next begins. */
let scratch = new Float64Array(1024)

/**
 * The sums of the first 0, 1, 2, ... values, where no sum of any of them can be rounded: whole numbers, all together below
 * 2^53. Then a window's sum is one subtraction, the same to the last bit. Undefined for other values. Good until the next call.
 */
export function exactTotals(values: Float64Array): Float64Array | undefined {
  const count = values.length
  if (count >= scratch.length) scratch = new Float64Array(2 * count)
  const totals = scratch
  let total = 0
  let magnitude = 0
  totals[0] = 0
  for (let i = 0; i < count; i++) {
    const value = values[i]!
    if (Math.floor(value) !== value) return undefined
    magnitude += Math.abs(value)
    total += value
    totals[i + 1] = total
  }
  return magnitude <= Number.MAX_SAFE_INTEGER ? totals : undefined
}
