/* Prometheus takes the greater and the lesser as Go does: an infinity that decides the matter wins over NaN. */

export function greaterOf(a: number, b: number): number {
  return a === Infinity || b === Infinity ? Infinity : Math.max(a, b)
}

export function lesserOf(a: number, b: number): number {
  return a === -Infinity || b === -Infinity ? -Infinity : Math.min(a, b)
}
