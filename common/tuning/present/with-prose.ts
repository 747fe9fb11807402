import { wrapText } from '../../wrap-text.ts'
import { aligned } from './aligned.ts'

/** Prose in fewer columns than these is set below its row, and not beside it. */
const leastRoom = 40
const indent = 4

/**
 * A table whose last column is prose: it goes on in its own column in the next lines, or where that would be narrow, below its row. Infinite width
 * breaks nothing.
 */
export function withProse(rows: readonly (readonly string[])[], width: number): readonly string[] {
  const short = aligned(
    rows.map((row) => row.slice(0, -1)),
    Infinity,
  )
  const used = (short[0]?.length ?? 0) + 2
  const isBeside = width - used >= leastRoom
  return rows.flatMap((row, at) => {
    const head = short[at] ?? ''
    const prose = row.at(-1) ?? ''
    if (prose === '') return [head.trimEnd()]
    if (isBeside) {
      const [first = '', ...rest] = wrapText(prose, width - used)
      return [`${head}  ${first}`, ...rest.map((line) => `${' '.repeat(used)}${line}`)]
    }
    // The title of that column would stand above nothing.
    if (at === 0) return [head.trimEnd()]
    return [head.trimEnd(), ...hanging(prose, width, indent)]
  })
}

/** A sentence in lines of the width, each so far from the left. */
export function hanging(text: string, width: number, by: number): readonly string[] {
  return wrapText(text, Math.max(leastRoom, width - by)).map((line) => `${' '.repeat(by)}${line}`)
}
