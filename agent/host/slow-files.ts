import { close, open, read } from 'node:fs'
import { join } from 'node:path'

const maxBytes = 4096

/** Files that may make their reader wait: those that ask a device, and those of a disk. */
export interface SlowFiles {
  /** The first 4096 bytes; undefined if they cannot be had. It never rejects. */
  bytes(path: string): Promise<Buffer | undefined>
  /** The same as text without blanks around it. */
  value(path: string): Promise<string | undefined>
  /** Reads so far; each costs about 0.1 ms of CPU, mostly for the way to a thread and back. */
  readonly reads: number
}

/** @param root where /proc, /sys and /etc lie */
export function createSlowFiles(root: string): SlowFiles {
  let reads = 0
  const bytes = (path: string): Promise<Buffer | undefined> => {
    reads++
    return new Promise((resolve) => {
      open(join(root, path), 'r', (failure, fd) => {
        if (failure !== null) {
          resolve(undefined)
          return
        }
        // Not shared: a read that hangs would write into it long after another has used it.
        const buffer = Buffer.allocUnsafe(maxBytes)
        read(fd, buffer, 0, maxBytes, 0, (error, length) => {
          close(fd, () => resolve(error === null ? buffer.subarray(0, length) : undefined))
        })
      })
    })
  }
  return {
    get reads() {
      return reads
    },
    bytes,
    value: async (path) => (await bytes(path))?.toString('utf8').trim(),
  }
}
