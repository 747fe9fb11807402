import { spawnSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmSync, truncateSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** Only root can mount. */
export const canMount = process.getuid?.() === 0

export interface SmallDisk {
  readonly path: string
  /** Leaves so many bytes of room, none unless told; blocks that files have begun may still have some. */
  fill(left?: number): void
  empty(): void
}

const block = 4096

/** A file system of its own, in memory, that is unmounted when the test is over. */
export function mountSmallDisk(size: string): SmallDisk {
  const path = mkdtempSync(join(tmpdir(), 'pgherd-small-disk-'))
  const { status, stderr } = spawnSync(
    'mount',
    ['-t', 'tmpfs', '-o', `size=${size},mode=755`, 'tmpfs', path],
    {
      encoding: 'utf8',
    },
  )
  if (status !== 0) throw new Error(`mount ${path}: ${stderr}`)
  const filler = join(path, 'filler')
  onTestFinished(() => {
    spawnSync('umount', ['-l', path])
    rmSync(path, { recursive: true, force: true })
  })
  return {
    path,
    fill(left = 0) {
      const file = openSync(filler, 'a')
      const room = Buffer.alloc(block)
      let written = 0
      try {
        for (;;) written += writeSync(file, room, 0, block, written)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
      } finally {
        closeSync(file)
      }
      truncateSync(filler, Math.max(0, written - left))
    },
    empty: () => rmSync(filler, { force: true }),
  }
}
