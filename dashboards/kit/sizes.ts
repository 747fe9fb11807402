/** Half of the width of a board. */
export const half = { kind: 'lines', width: 12, height: 8 } as const
/** A third of it. */
export const third = { kind: 'lines', width: 8, height: 8 } as const
/** One of six values beside each other. */
export const small = { kind: 'stat', width: 4, height: 4 } as const
/** A table over the whole width. */
export const wide = { kind: 'table', width: 24, height: 9 } as const

/** Why a panel of rates is empty at first. */
export const firstRate = 'A rate needs two measurements; the first appears after 20 s.'
/** Why a panel of a probe that is asked each minute or less is empty at first. */
export const firstMinutes = 'Measured every few minutes; the first is still to come.'
