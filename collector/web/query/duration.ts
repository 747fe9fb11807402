const unitSeconds: Readonly<Record<string, number>> = {
  ms: 0.001,
  s: 1,
  m: 60,
  h: 3600,
  d: 86_400,
  w: 604_800,
  y: 31_536_000,
}

/** Seconds of a duration such as `10s`, `1h30m` or `>1m`; null for what is none. */
export function parseDuration(text: string): number | null {
  const parts = [
    ...text
      .trim()
      .replace(/^>/, '')
      .matchAll(/(\d+(?:\.\d+)?)(ms|[smhdwy])/g),
  ]
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== text.trim().replace(/^>/, ''))
    return null
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * unitSeconds[unit!]!, 0)
}

/** The shortest of `90s`, `2m`, `3h`, `1d` that is exactly so many seconds; milliseconds below one. */
export function formatDuration(seconds: number): string {
  if (!Number.isInteger(seconds)) return `${Math.max(1, Math.round(seconds * 1000))}ms`
  for (const unit of ['d', 'h', 'm']) {
    const size = unitSeconds[unit]!
    if (seconds >= size && seconds % size === 0) return `${seconds / size}${unit}`
  }
  return `${seconds}s`
}
