/** Characters of the longest bar. */
export const longestBar = 30

/**
 * Sessions as a bar, and the processors as a mark in it or behind it: what reaches beyond the mark waits, or would.
 * @param most of which all the width is
 */
export function loadBar(sessions: number, most: number, processors: number | null = null): string {
  const cells = (value: number): number => (most <= 0 ? 0 : Math.round((value / most) * longestBar))
  const length = sessions > 0 ? Math.max(1, cells(sessions)) : 0
  const bar = '#'.repeat(length)
  if (processors === null || processors > most) return bar
  const at = Math.min(longestBar, Math.max(1, cells(processors)))
  return `${bar.padEnd(at).slice(0, at - 1)}|${bar.slice(at)}`
}
