import type { Pace } from './pace.ts'

const runLength = 512

/** Sorts by UTF-16 code units, as Array.sort does, in slices: a million texts at once would take seconds. */
export async function sortTexts(texts: readonly string[], pace: Pace): Promise<string[]> {
  let runs: string[][] = []
  for (let first = 0; first < texts.length; first += runLength) {
    runs.push(texts.slice(first, first + runLength).sort())
    if (pace.due()) await pace.rest()
  }
  while (runs.length > 1) {
    const merged: string[][] = []
    for (let i = 0; i < runs.length; i += 2) {
      const right = runs[i + 1]
      merged.push(right === undefined ? runs[i]! : await merge(runs[i]!, right, pace))
    }
    runs = merged
  }
  return runs[0] ?? []
}

async function merge(left: readonly string[], right: readonly string[], pace: Pace): Promise<string[]> {
  const out: string[] = []
  let i = 0
  let j = 0
  while (i < left.length && j < right.length) {
    out.push(right[j]! < left[i]! ? right[j++]! : left[i++]!)
    if (out.length % runLength === 0 && pace.due()) await pace.rest()
  }
  while (i < left.length) out.push(left[i++]!)
  while (j < right.length) out.push(right[j++]!)
  return out
}
