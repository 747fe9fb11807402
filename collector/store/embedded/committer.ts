import { toPgherdError } from '../../../common/errors.ts'
import type { AppendResult } from '../storage.ts'
import type { AppendRequest } from './commit-group.ts'

/** Group commit: one group is being written, what arrives meanwhile forms the next one. */
export interface Committer {
  append(request: AppendRequest): Promise<AppendResult>
  /** Runs a synchronous change between two groups; it sees the requests that will come after it. */
  between<T>(change: (waiting: readonly AppendRequest[]) => T): Promise<T>
  /** Resolves when nothing is being written. */
  idle(): Promise<void>
}

/** A group is not made larger than this, so that one write stays a few tens of megabytes. */
const maxGroupSamples = 1 << 20

interface Waiting {
  readonly request: AppendRequest
  readonly resolve: (result: AppendResult) => void
  readonly reject: (error: unknown) => void
}

export function createCommitter(
  commit: (requests: readonly AppendRequest[]) => Promise<AppendResult[]>,
): Committer {
  const waiting: Waiting[] = []
  const changes: (() => void)[] = []
  let running: Promise<void> | undefined

  const commitNext = async (): Promise<void> => {
    let samples = 0
    let size = 0
    while (size < waiting.length && (size === 0 || samples < maxGroupSamples)) {
      samples += waiting[size++]!.request.refs.length
    }
    const group = waiting.splice(0, size)
    try {
      const results = await commit(group.map(({ request }) => request))
      for (const [i, { resolve }] of group.entries()) resolve(results[i]!)
    } catch (error) {
      for (const { reject } of group) reject(toPgherdError(error))
    }
  }
  const run = async (): Promise<void> => {
    // What arrives in the same turn joins the first group; and `running` is set before it is cleared.
    await Promise.resolve()
    while (waiting.length > 0 || changes.length > 0) {
      for (const change of changes.splice(0)) change()
      if (waiting.length > 0) await commitNext()
    }
    running = undefined
  }
  const start = (): void => {
    running ??= run()
  }

  return {
    append: (request) =>
      new Promise((resolve, reject) => {
        waiting.push({ request, resolve, reject })
        start()
      }),
    between: (change) =>
      new Promise((resolve, reject) => {
        changes.push(() => {
          try {
            resolve(change(waiting.map(({ request }) => request)))
          } catch (error) {
            reject(toPgherdError(error))
          }
        })
        start()
      }),
    async idle() {
      while (running !== undefined) await running
    },
  }
}
