/** From the weakest to the strongest; "Table-Level Locks" of the manual. */
const modes = [
  'AccessShareLock',
  'RowShareLock',
  'RowExclusiveLock',
  'ShareUpdateExclusiveLock',
  'ShareLock',
  'ShareRowExclusiveLock',
  'ExclusiveLock',
  'AccessExclusiveLock',
]

/** The stronger of two modes. */
export function strongerLock(a: string | null, b: string): string {
  return a !== null && modes.indexOf(a) >= modes.indexOf(b) ? a : b
}
