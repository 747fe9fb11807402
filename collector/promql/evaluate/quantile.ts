/**
 * The q-quantile of values[0] ... values[count - 1], interpolated linearly between the two nearest ranks; sorts
 * them in place. NaN counts as the smallest value; q below 0 gives -Inf, above 1 +Inf.
 */
export function quantileOf(q: number, values: Float64Array, count: number): number {
  if (count === 0 || Number.isNaN(q)) return NaN
  if (q < 0) return -Infinity
  if (q > 1) return Infinity
  if (count <= insertionSize) sortByInsertion(values, count)
  else sortNanFirst(values.subarray(0, count))
  const rank = q * (count - 1)
  const lower = Math.floor(rank)
  const upper = Math.min(count - 1, lower + 1)
  const weight = rank - lower
  return values[lower]! * (1 - weight) + values[upper]! * weight
}

/** Windows are mostly this small, and then the call of a general sort costs more than the sorting. */
const insertionSize = 40

function sortByInsertion(values: Float64Array, count: number): void {
  for (let i = 1; i < count; i++) {
    const value = values[i]!
    let place = i
    while (
      place > 0 &&
      (value < values[place - 1]! || (value !== value && values[place - 1] === values[place - 1]))
    ) {
      values[place] = values[place - 1]!
      place--
    }
    values[place] = value
  }
}

/** Typed arrays sort by number with NaN last. */
function sortNanFirst(values: Float64Array): void {
  values.sort()
  let numbers = values.length
  while (numbers > 0 && Number.isNaN(values[numbers - 1]!)) numbers--
  const nans = values.length - numbers
  if (nans === 0) return
  values.copyWithin(nans, 0, numbers)
  values.fill(NaN, 0, nans)
}

/** Whether q is outside of [0, 1], which earns a warning. */
export function isUnusualQuantile(q: number): boolean {
  return !(q >= 0 && q <= 1)
}
