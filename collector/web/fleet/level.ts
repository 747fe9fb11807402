/** How bad something is, from good to bad; the order is that of concern. Of what is unknown the worst may be true. */
export const levels = ['ok', 'warning', 'unknown', 'critical'] as const
export type Level = (typeof levels)[number]

export const concern = (level: Level): number => levels.indexOf(level)

export function worst(found: readonly Level[]): Level {
  return found.reduce<Level>((bad, level) => (concern(level) > concern(bad) ? level : bad), 'ok')
}

/** A level as a person says it. */
export const levelWords: Readonly<Record<Level, string>> = {
  ok: 'well',
  warning: 'warning',
  unknown: 'unknown',
  critical: 'critical',
}
