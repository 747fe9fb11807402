/** Distinct looks of a line: eight colours (`--series-0` to `--series-7`), each solid, dashed and dotted. */
export const colourCount = 8
const dashCount = 3
const lookCount = colourCount * dashCount

/** Remembers the look of a name, so that a server has the same colour on every chart. */
export type SlotMemory = Map<string, number>

/**
 * A look for each line of a chart, in their order. A name keeps its look from other charts unless another name of this
 * chart already has it; looks repeat only when there are more names than looks.
 */
export function assignSlots(names: readonly string[], memory: SlotMemory): readonly number[] {
  const taken = new Set<number>()
  const kept = names.map((name) => {
    const slot = memory.get(name)
    if (slot === undefined || taken.has(slot)) return undefined
    taken.add(slot)
    return slot
  })
  return kept.map((slot, index) => {
    if (slot !== undefined) return slot
    let free = 0
    while (taken.has(free) && free < lookCount) free++
    const chosen = free < lookCount ? free : index % lookCount
    taken.add(chosen)
    if (!memory.has(names[index]!)) memory.set(names[index]!, chosen)
    return chosen
  })
}

/** The colour's number and the dash pattern (0 solid, 1 dashed, 2 dotted) of a look. */
export function lookOf(slot: number): { readonly colour: number; readonly dash: number } {
  return { colour: slot % colourCount, dash: Math.floor(slot / colourCount) % dashCount }
}
