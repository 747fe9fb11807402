/**
 * Label arrays that stay the same objects from scrape to scrape, by which a later stage knows its series again.
 * What one scrape did not ask for is forgotten: devices of containers come and go.
 */
export interface LabelCache {
  /** The labels of one row; its values are also its identity. */
  of(...labels: readonly string[]): readonly string[]
  /** Between two scrapes. */
  turn(): void
}

/** @returns a cache for the rows of one or more tables of one collector */
export function createLabelCache(): LabelCache {
  let before = new Map<string, readonly string[]>()
  let now = new Map<string, readonly string[]>()
  return {
    of: (...labels) => {
      const key = labels.length === 1 ? labels[0]! : labels.join('\0')
      let kept = now.get(key)
      if (kept === undefined) {
        kept = before.get(key) ?? labels
        now.set(key, kept)
      }
      return kept
    },
    turn: () => {
      before = now
      now = new Map()
    },
  }
}
