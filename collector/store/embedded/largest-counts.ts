import type { NamedCount } from '../../../common/store-administration.ts'

/** The largest of any number of counts. */
export interface LargestCounts {
  /** Whether a count of this size can still be among the largest. */
  takes(value: number): boolean
  add(name: string, value: number): void
  /** The largest first, equal ones by name. */
  list(): NamedCount[]
}

/** Keeps `size` of them. */
export function createLargestCounts(size: number): LargestCounts {
  let kept: NamedCount[] = []
  let least = -Infinity
  const cut = (): void => {
    kept.sort((a, b) => b.value - a.value || (a.name < b.name ? -1 : 1))
    kept = kept.slice(0, size)
    if (kept.length === size) least = kept.at(-1)?.value ?? Infinity
  }
  return {
    takes: (value) => value >= least,
    add(name, value) {
      kept.push({ name, value })
      if (kept.length >= 2 * size + 64) cut()
    },
    list() {
      cut()
      return kept
    },
  }
}
