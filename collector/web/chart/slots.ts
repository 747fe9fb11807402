import type { Column } from '../query/table.ts'

/** Distinct looks of a line: eight colours (`--series-0` to `--series-7`), each solid, dashed and dotted. */
export const colourCount = 8
const dashCount = 3

/** Remembers the look of a name or subject, so that a server has the same colour on every chart. */
export type SlotMemory = Map<string, number>

/**
 * A look for each column of a chart, in their order. Where the chart's queries tell different things about
 * the same few subjects, the subject gives the colour and the query the dash pattern; otherwise each name
 * has its own look.
 */
export function assignSlots(
  columns: readonly Pick<Column, 'name' | 'subject' | 'query'>[],
  memory: SlotMemory,
): readonly number[] {
  const subjects = [...new Set(columns.map(({ subject }) => subject))]
  const isRepeated = subjects.length < columns.length
  if (!isRepeated || subjects.length > colourCount || columns.some(({ query }) => query >= dashCount)) {
    return assign(
      columns.map(({ name }) => name),
      memory,
      colourCount * dashCount,
    )
  }
  const colours = assign(subjects, memory, colourCount)
  return columns.map(({ subject, query }) => colours[subjects.indexOf(subject)]! + query * colourCount)
}

/**
 * A name keeps its look from other charts unless another name of this chart already has it; looks repeat
 * only when there are more names than looks.
 */
function assign(names: readonly string[], memory: SlotMemory, count: number): readonly number[] {
  const taken = new Set<number>()
  const kept = names.map((name) => {
    const slot = memory.get(name)
    if (slot === undefined || slot >= count || taken.has(slot)) return undefined
    taken.add(slot)
    return slot
  })
  return kept.map((slot, index) => {
    if (slot !== undefined) return slot
    let free = 0
    while (taken.has(free) && free < count) free++
    const chosen = free < count ? free : index % count
    taken.add(chosen)
    if (!memory.has(names[index]!)) memory.set(names[index]!, chosen)
    return chosen
  })
}

/** The colour's number and the dash pattern (0 solid, 1 dashed, 2 dotted) of a look. */
export function lookOf(slot: number): { readonly colour: number; readonly dash: number } {
  return { colour: slot % colourCount, dash: Math.floor(slot / colourCount) % dashCount }
}
