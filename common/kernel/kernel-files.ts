import { closeSync, openSync, readdirSync, readSync, realpathSync } from 'node:fs'
import { PgherdError, systemCodeOf } from '../errors.ts'
import { orNothing } from '../or-nothing.ts'

/** Larger than any interface of the kernel that is read whole; beyond it something else lies at that path. */
const maxBytes = 4 << 20

/**
 * A read ends early only before a line that does not fit into a page beside those before it (seq_file). No line of the
 * files read in latin1 is that long, so a text shorter than this is whole; to ask for more would make the kernel walk
 * through its tables once more.
 */
const wholeBytes = 2048

/** A buffer that had to be larger than this is given back. */
const maxKeptBytes = 256 << 10

/** More than a page, which is all that nearly any file of /sys holds (kernfs). */
const smallBytes = 16 << 10

/** What is not there is looked for again after this time: a module may be loaded. */
export const absentMs = 300_000

/**
 * Files that the kernel makes up out of its memory, read at once: unlike those of a disk or of a device they
 * never wait, and the way to a thread and back would cost many times the read.
 */
export interface KernelFiles extends Disposable {
  /**
   * The whole text. The file stays open for the next time, which spares two thirds of the cost.
   * @throws system errors (ENOENT where the kernel lacks the interface), BAD_DATA for more than 4 MiB
   */
  read(path: string, encoding?: 'latin1' | 'utf8'): string
  /** Like `read`, in latin1; undefined where the kernel lacks the interface or keeps it for root. */
  readIfThere(path: string): string | undefined
  /** The first 16 KiB of a file without blanks around it, opened and closed again; undefined if it cannot be had. */
  value(path: string): string | undefined
  /** What a directory holds, sorted; nothing where there is none. */
  list(path: string): readonly string[]
  /** Where a symbolic link ends; undefined where there is none. */
  realPath(path: string): string | undefined
  /** The lines of what may be large, some at a time. @throws system errors */
  lines(path: string): Iterable<readonly string[]>
}

/** Whether an error says that the kernel lacks an interface: PSI disabled at boot says EOPNOTSUPP. */
export function isAbsence(error: unknown): boolean {
  return ['ENOENT', 'EOPNOTSUPP', 'ENOTSUP'].includes(systemCodeOf(error) ?? '')
}

/** Some kernels let only root read what others let everyone. */
function isRefusal(error: unknown): boolean {
  return ['EACCES', 'EPERM'].includes(systemCodeOf(error) ?? '')
}

/**
 * @param root where /proc and /sys lie
 * @param nowMs a monotonic clock
 */
export function createKernelFiles(root: string, nowMs: () => number): KernelFiles {
  // Put together by hand: path.join costs as much as a read.
  const base = root.endsWith('/') ? root : `${root}/`
  const open = new Map<string, number>()
  const absentSinceMs = new Map<string, number>()
  let buffer = Buffer.allocUnsafeSlow(smallBytes)

  const close = (path: string): void => {
    const fd = open.get(path)
    open.delete(path)
    if (fd !== undefined) closeSync(fd)
  }

  const readWhole = (fd: number, path: string, encoding: BufferEncoding): string => {
    let into = buffer
    let length = 0
    for (;;) {
      if (length === into.length) {
        if (length >= maxBytes) throw new PgherdError('BAD_DATA', `${path} has more than ${maxBytes} bytes`)
        const larger = Buffer.allocUnsafeSlow(length * 2)
        into.copy(larger, 0, 0, length)
        into = larger
      }
      const count = readSync(fd, into, length, into.length - length, length)
      length += count
      if (count === 0 || (encoding === 'latin1' && length < wholeBytes)) break
    }
    if (into.length <= maxKeptBytes) buffer = into
    return into.toString(encoding, 0, length)
  }

  const read = (path: string, encoding: BufferEncoding = 'latin1'): string => {
    let fd = open.get(path)
    if (fd === undefined) {
      fd = openSync(base + path, 'r')
      open.set(path, fd)
    }
    try {
      return readWhole(fd, path, encoding)
    } catch (error) {
      close(path)
      throw error
    }
  }

  return {
    read,

    readIfThere(path) {
      const sinceMs = absentSinceMs.get(path)
      if (sinceMs !== undefined && nowMs() - sinceMs < absentMs) return undefined
      try {
        return read(path)
      } catch (error) {
        if (!isAbsence(error) && !isRefusal(error)) throw error
        absentSinceMs.set(path, nowMs())
        return undefined
      }
    },

    value: (path) =>
      orNothing(() => {
        const fd = openSync(base + path, 'r')
        try {
          return buffer.toString('utf8', 0, readSync(fd, buffer, 0, smallBytes, 0)).trim()
        } finally {
          closeSync(fd)
        }
      }),

    list: (path) => orNothing(() => readdirSync(base + path).sort()) ?? [],

    realPath: (path) => orNothing(() => realpathSync(base + path)),

    *lines(path) {
      const fd = openSync(base + path, 'r')
      let rest = ''
      try {
        for (;;) {
          const count = readSync(fd, buffer, 0, buffer.length, null)
          if (count === 0) break
          const lines = (rest + buffer.toString('latin1', 0, count)).split('\n')
          // What has no end after so many bytes is no line of the kernel's.
          rest = lines.pop()!.slice(0, smallBytes)
          yield lines
        }
        if (rest !== '') yield [rest]
      } finally {
        closeSync(fd)
      }
    },

    [Symbol.dispose]() {
      for (const path of [...open.keys()]) close(path)
    },
  }
}
