import { spawnSync } from 'node:child_process'
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished } from 'vitest'

/** A real file system of its own, in memory, that can be filled to the last byte. */
export function mountDisk() {
  const path = mkdtempSync(join(tmpdir(), 'pgherd-spool-disk-'))
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', path], { encoding: 'utf8' })
  onTestFinished(() => {
    spawnSync('umount', ['-l', path])
    rmSync(path, { recursive: true, force: true })
  })
  expect(mounted.stderr).toBe('')
  const filler = join(path, 'filler')
  return {
    spool: join(path, 'spool'),
    fill() {
      expect(() => {
        for (;;) appendFileSync(filler, Buffer.alloc(4096))
      }).toThrow('ENOSPC')
    },
    empty: () => rmSync(filler),
  }
}

export const canMount = process.getuid?.() === 0
