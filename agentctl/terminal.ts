/** Where a command prints: injected, so that tests read what a person would see. */
export interface Terminal {
  /** Characters per line; Infinity where the output is not a terminal. */
  readonly width: number
  print(line: string): void
}

/** A duration for a person, in its two largest units at most: `3s`, `2m05s`, `4h12m`, `9d3h`. */
export function printAge(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  if (seconds < 60) return `${seconds}s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes}m${String(seconds % 60).padStart(2, '0')}s`
  const hours = Math.floor(minutes / 60)
  if (hours < 24) return `${hours}h${String(minutes % 60).padStart(2, '0')}m`
  return `${Math.floor(hours / 24)}d${hours % 24}h`
}
