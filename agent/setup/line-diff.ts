/** Lines beyond which the two texts are shown whole: the table below grows with their product. */
const mostLines = 2_000

/** What changes between two texts, a line each with `-`, `+` or a blank in front; unchanged ones only around changes. */
export function lineDiff(before: string, after: string, around = 2): readonly string[] {
  const [old, fresh] = [before.split('\n'), after.split('\n')]
  const all =
    old.length > mostLines || fresh.length > mostLines
      ? [...old.map((line) => `-${line}`), ...fresh.map((line) => `+${line}`)]
      : differences(old, fresh)
  const changed = all.flatMap((line, i) => (line.startsWith(' ') ? [] : [i]))
  return all.filter((_, i) => changed.some((at) => Math.abs(at - i) <= around))
}

/** By the longest common subsequence. */
function differences(old: readonly string[], fresh: readonly string[]): readonly string[] {
  const width = fresh.length + 1
  const lengths = new Uint16Array((old.length + 1) * width)
  for (let i = old.length - 1; i >= 0; i--) {
    for (let j = fresh.length - 1; j >= 0; j--) {
      lengths[i * width + j] =
        old[i] === fresh[j]
          ? lengths[(i + 1) * width + j + 1]! + 1
          : Math.max(lengths[(i + 1) * width + j]!, lengths[i * width + j + 1]!)
    }
  }
  const lines: string[] = []
  let [i, j] = [0, 0]
  while (i < old.length || j < fresh.length) {
    if (i < old.length && j < fresh.length && old[i] === fresh[j]) {
      lines.push(` ${old[i] ?? ''}`)
      i++
      j++
    } else if (
      j >= fresh.length ||
      (i < old.length && lengths[(i + 1) * width + j]! >= lengths[i * width + j + 1]!)
    ) {
      lines.push(`-${old[i] ?? ''}`)
      i++
    } else {
      lines.push(`+${fresh[j] ?? ''}`)
      j++
    }
  }
  return lines
}
