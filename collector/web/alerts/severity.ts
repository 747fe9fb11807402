/** From grave to light. */
export const gravities = ['critical', 'warning', 'info', 'unknown'] as const
export type Gravity = (typeof gravities)[number]

const spellings: Readonly<Record<Exclude<Gravity, 'unknown'>, readonly string[]>> = {
  critical: ['critical', 'crit', 'page', 'emergency', 'disaster'],
  warning: ['warning', 'warn', 'error', 'major', 'minor'],
  info: ['info', 'information', 'notice', 'none'],
}

/** How grave an alert is by its `severity` label, which rule files spell in several ways. */
export function gravityOf(severity: string | undefined): Gravity {
  const text = (severity ?? '').toLowerCase()
  return gravities.find((gravity) => gravity !== 'unknown' && spellings[gravity].includes(text)) ?? 'unknown'
}
