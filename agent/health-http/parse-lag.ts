/** Bytes in one of each unit that Patroni knows; case counts, as there. */
const units: Readonly<Record<string, number>> = {
  '': 1,
  B: 1,
  kB: 1024,
  MB: 1024 ** 2,
  GB: 1024 ** 3,
  TB: 1024 ** 4,
}

/**
 * The lag parameter of a health path in bytes, or undefined for what it cannot be.
 * @param given - a number with an optional unit, such as `100`, `16MB`, `1.5GB`
 */
export function parseLag(given: string): number | undefined {
  const match = /^\s*(0x[0-9a-fA-F]+|\d+(?:\.\d+)?(?:e\d+)?)\s*([A-Za-z]*)\s*$/.exec(given)
  const unit = units[match?.[2] ?? '']
  const amount = Number(match?.[1])
  return match === null || unit === undefined || !Number.isFinite(amount)
    ? undefined
    : Math.round(amount * unit)
}

export const lagWords = 'bytes, or a number with B, kB, MB, GB or TB'
