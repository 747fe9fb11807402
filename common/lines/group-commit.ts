import { PgherdError } from '../errors.ts'

export interface GroupCommit<Item, Result> {
  /** Resolves when the item is written; those that come while others are being written go together. */
  add(item: Item): Promise<Result>
  /** Everything that was added has settled. */
  settled(): Promise<void>
}

/**
 * One writing after the other, each of all that has come in the meantime: a thousand facts cost a few syncs of the disk.
 * @param write of one to `maxBatch` items; one result for each, or an error for all
 */
export function createGroupCommit<Item, Result>(
  write: (items: readonly Item[]) => Promise<readonly Result[]>,
  limits: { readonly maxBatch: number; readonly maxWaiting: number },
): GroupCommit<Item, Result> {
  interface Waiting {
    readonly item: Item
    readonly resolve: (result: Result) => void
    readonly reject: (error: unknown) => void
  }
  let waiting: Waiting[] = []
  let writing: Promise<void> | undefined

  const drain = async () => {
    while (waiting.length > 0) {
      const batch = waiting.slice(0, limits.maxBatch)
      waiting = waiting.slice(limits.maxBatch)
      try {
        const results = await write(batch.map(({ item }) => item))
        for (const [i, { resolve }] of batch.entries()) resolve(results[i]!)
      } catch (error) {
        for (const { reject } of batch) reject(error)
      }
    }
    writing = undefined
  }

  return {
    add(item) {
      if (waiting.length >= limits.maxWaiting) {
        return Promise.reject(new PgherdError('BUSY', 'the disk does not keep up with what is to be written'))
      }
      return new Promise((resolve, reject) => {
        waiting.push({ item, resolve, reject })
        writing ??= drain()
      })
    },
    async settled() {
      await writing
    },
  }
}
