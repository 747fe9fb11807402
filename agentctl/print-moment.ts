/** A time for a list, in UTC as everywhere in pgherd: `2026-11-27 03:21:26`. */
export function printMoment(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace('T', ' ')
}

/** The very moment, for what is looked at closely: `2026-11-27T03:21:26.481Z`. */
export function printExactMoment(ms: number): string {
  return new Date(ms).toISOString()
}
