/** In PostgreSQL's units, of which 1GB is 1024MB. */
const units = [
  ['TB', 1024 ** 4],
  ['GB', 1024 ** 3],
  ['MB', 1024 ** 2],
] as const

/** For a sentence, with at most one digit behind the point: `62.8GB`. */
export function printAbout(bytes: number): string {
  for (const [unit, size] of units) {
    if (bytes >= size) return `${Number((bytes / size).toFixed(1))}${unit}`
  }
  return `${Math.round(bytes / 1024)}kB`
}

/** As PostgreSQL reads it, in the largest unit in which it is whole: `1536MB`, `16GB`. */
export function printSetting(bytes: number): string {
  for (const [unit, size] of units) {
    if (bytes !== 0 && bytes % size === 0) return `${bytes / size}${unit}`
  }
  return `${Math.round(bytes / 1024)}kB`
}

/** `0.25` as `25 %`. */
export function printShare(share: number): string {
  return `${Math.round(share * 100)} %`
}
