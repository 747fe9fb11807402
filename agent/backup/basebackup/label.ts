/** As pgBackRest's of full backups, in UTC: `20261127-010000F`. */
const pattern = /^\d{8}-\d{6}F$/

export const partialSuffix = '.partial'

export function isLabel(name: string): boolean {
  return pattern.test(name)
}

export function isPartial(name: string): boolean {
  return name.endsWith(partialSuffix) && isLabel(name.slice(0, -partialSuffix.length))
}

/** @param taken names that there are already; the next second is taken then */
export function labelFor(startedMs: number, taken: ReadonlySet<string>): string {
  for (let ms = startedMs; ; ms += 1000) {
    const [day = '', time = ''] = new Date(ms).toISOString().split('T')
    const label = `${day.replaceAll('-', '')}-${time.slice(0, 8).replaceAll(':', '')}F`
    if (!taken.has(label)) return label
  }
}
