const units = [
  ['y', 365 * 86_400_000],
  ['w', 7 * 86_400_000],
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1],
] as const

const pattern = new RegExp(`^${units.map(([unit]) => `(?:(\\d+)${unit})?`).join('')}$`)

/**
 * Milliseconds of a duration as Prometheus writes it in rule files and parameters: `1h30m`, units from large to
 * small and each once; a bare `0` is allowed. undefined when it is none.
 */
export function parsePrometheusDuration(text: string): number | undefined {
  if (text === '0') return 0
  const match = text === '' ? null : pattern.exec(text)
  if (match === null) return undefined
  let total = 0
  for (const [i, [, factor]] of units.entries()) total += Number(match[i + 1] ?? 0) * factor
  return Number.isSafeInteger(total) ? total : undefined
}
