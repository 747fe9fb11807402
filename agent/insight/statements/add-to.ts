/** Adds numbers to those in the same places. @param values at least as many */
export function addTo(values: Float64Array, more: Float64Array): void {
  for (let i = 0; i < more.length; i++) values[i]! += more[i]!
}
