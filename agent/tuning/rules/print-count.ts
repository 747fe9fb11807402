const scales = [
  [1e9, ' billion'],
  [1e6, ' million'],
  [1e4, ' thousand', 1e3],
] as const

/** For a sentence, with at most one digit behind the point: `62.8 million`. */
export function printCount(count: number): string {
  for (const [least, word, unit = least] of scales) {
    if (count >= least) return `${Number((count / unit).toFixed(1))}${word}`
  }
  return String(count >= 10 ? Math.round(count) : Number(count.toFixed(1)))
}

const spans = [
  [86_400, 'day'],
  [3_600, 'hour'],
  [60, 'minute'],
] as const

/** A stretch of time in the largest unit of which there are two, such as `36 hours`. */
export function printSeconds(seconds: number): string {
  const [size, word] = spans.find(([unit]) => seconds >= 2 * unit) ?? [1, 'second']
  const count = Math.round(seconds / size)
  return `${count} ${word}${count === 1 ? '' : 's'}`
}
