/** A signal that was sent, or would have been in a dry run. */
export interface Act {
  readonly atMs: number
  readonly rule: string
}

const minuteMs = 60_000

/** Those of the last minute. */
export function recentActs(acts: readonly Act[], atMs: number): readonly Act[] {
  return acts.filter((act) => act.atMs > atMs - minuteMs)
}

/** Which cap a further signal would break, in words; undefined where none. @param recent of the last minute */
export function brokenCap(
  recent: readonly Act[],
  rule: { readonly name: string; readonly per_minute: number },
  perMinute: number,
): string | undefined {
  if (recent.length >= perMinute) return `${perMinute} signals a minute in all`
  const ofRule = recent.filter((act) => act.rule === rule.name).length
  return ofRule >= rule.per_minute ? `${rule.per_minute} signals a minute of rule ${rule.name}` : undefined
}
