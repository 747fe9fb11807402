const units = ['B', 'kB', 'MB', 'GB', 'TB'] as const

/** Bytes as PostgreSQL counts them, of which 1 GB is 1024 MB, with three digits: `1.25 GB`. */
export function printSize(bytes: number): string {
  const step = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log2(Math.max(1, bytes)) / 10)))
  return `${Number((bytes / 2 ** (10 * step)).toPrecision(3))} ${units[step]}`
}
