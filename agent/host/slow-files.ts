import { close, open, read } from 'node:fs'
import { join } from 'node:path'

const maxBytes = 4096

/** Files that may make their reader wait: those that ask a device, and those of a disk. */
export interface SlowFiles {
  /** The first 4096 bytes without blanks around them; undefined if they cannot be had. It never rejects. */
  value(path: string): Promise<string | undefined>
  /** Reads so far; each costs about 0.1 ms of CPU, mostly for the way to a thread and back. */
  readonly reads: number
}

/** @param root where /proc, /sys and /etc lie */
export function createSlowFiles(root: string): SlowFiles {
  let reads = 0
  return {
    get reads() {
      return reads
    },
    value: (path) => {
      reads++
      return new Promise((resolve) => {
        open(join(root, path), 'r', (failure, fd) => {
          if (failure !== null) {
            resolve(undefined)
            return
          }
          // Not shared: a read that hangs would write into it long after another has used it.
          const bytes = Buffer.allocUnsafe(maxBytes)
          read(fd, bytes, 0, maxBytes, 0, (error, length) => {
            close(fd, () => resolve(error === null ? bytes.toString('utf8', 0, length).trim() : undefined))
          })
        })
      })
    },
  }
}
