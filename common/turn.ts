const waiting: (() => void)[] = []

/**
 * Waits for the turn of a long computation that has been cut into slices. One slice of one computation runs per
 * round of the event loop, first come first served: with setImmediate alone, all that are under way would run one
 * slice each between two looks at the sockets and files, and twenty queries would hold up ingestion for twenty slices.
 */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(resolve)
    if (waiting.length === 1) setImmediate(grant)
  })
}

function grant(): void {
  waiting.shift()?.()
  // Set from within a callback of this phase, so it runs after the next look at sockets and files.
  if (waiting.length > 0) setImmediate(grant)
}
