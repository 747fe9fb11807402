export const KiB = 1024
export const MiB = 1024 ** 2
export const GiB = 1024 ** 3
export const TiB = 1024 ** 4

/** A size that a person would choose: down to a step that is a small part of it. */
export function roundDown(bytes: number): number {
  const step = bytes < 4 * GiB ? 16 * MiB : bytes < 16 * GiB ? 128 * MiB : bytes < 128 * GiB ? 256 * MiB : GiB
  return Math.floor(bytes / step) * step
}

/** As PostgreSQL reads it, in the largest unit in which it is whole: `1536MB`, `16GB`. */
export function printSetting(bytes: number): string {
  for (const [unit, size] of [
    ['TB', TiB],
    ['GB', GiB],
    ['MB', MiB],
  ] as const) {
    if (bytes !== 0 && bytes % size === 0) return `${bytes / size}${unit}`
  }
  return `${Math.round(bytes / KiB)}kB`
}

/** For a sentence, in PostgreSQL's units with at most one digit behind the point: `62.8GB`. */
export function printAbout(bytes: number): string {
  for (const [unit, size] of [
    ['TB', TiB],
    ['GB', GiB],
    ['MB', MiB],
  ] as const) {
    if (bytes >= size) return `${Number((bytes / size).toFixed(1))}${unit}`
  }
  return `${Math.round(bytes / KiB)}kB`
}

/** `0.25` as `25 %`. */
export function printShare(share: number): string {
  return `${Math.round(share * 100)} %`
}

export function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value))
}
