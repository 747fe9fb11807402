/** OIDs of pg_type whose text is not a plain number (src/include/catalog/pg_type.dat). */
const boolean = 16
const timestamp = 1114
const timestamptz = 1184

/** ISO DateStyle in UTC, as the session sets it; a year beyond four digits or BC is none that a statistic has. */
const instant = /^(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)(\.\d+)?(?:\+00)?$/

/**
 * The number that a column's text stands for: booleans are 0 or 1, instants seconds since the epoch, infinite
 * ones ±Infinity. NaN stays NaN; undefined means that the text is no number.
 */
export function castNumber(text: string, typeId: number): number | undefined {
  switch (typeId) {
    case boolean:
      return text === 't' ? 1 : 0
    case timestamp:
    case timestamptz:
      return castInstant(text)
    default:
  }
  const value = Number(text)
  // Number('') is 0 as well.
  if (value === value && (value !== 0 || text.trim() !== '')) return value
  const word = text.trim().toLowerCase()
  if (word === 'nan') return Number.NaN
  return word === 'inf' ? Infinity : word === '-inf' ? -Infinity : undefined
}

/** Scaling is for quantities: a flag or an instant has none. */
export function isScalable(typeId: number): boolean {
  return typeId !== boolean && typeId !== timestamp && typeId !== timestamptz
}

function castInstant(text: string): number | undefined {
  if (text === 'infinity') return Infinity
  if (text === '-infinity') return -Infinity
  const match = instant.exec(text)
  if (match === null) return undefined
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number)
  const seconds = Date.UTC(year!, month! - 1, day, hour, minute, second) / 1000
  return seconds + Number(match[7] ?? 0)
}
