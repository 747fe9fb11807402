import { spawnSync } from 'node:child_process'
import { appendFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { drain, nextOf, openTestSpool, record } from './harness.ts'

/** A real file system of its own, in memory, that can be filled to the last byte. */
function mountDisk() {
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

const canMount = process.getuid?.() === 0

test.skipIf(!canMount)('a spool is opened on a full disk, and sends what it has', async () => {
  const disk = mountDisk()
  {
    await using spool = await openTestSpool(disk.spool)
    for (const text of ['a', 'b']) await spool.append(record(text))
  }
  disk.fill()
  for (let start = 0; start < 2; start++) {
    await using spool = await openTestSpool(disk.spool)
    expect(Buffer.from((await nextOf(spool.reader('main')))!.payload).toString()).toBe('a')
  }
  await using spool = await openTestSpool(disk.spool)
  expect(await drain(spool.reader('main'))).toEqual(['a', 'b'])
})

test.skipIf(!canMount)('a destination that is new while the disk is full is there from then on', async () => {
  const disk = mountDisk()
  {
    await using spool = await openTestSpool(disk.spool)
    for (const text of ['a', 'b']) await spool.append(record(text))
  }
  const readers = ['main', 'new']
  disk.fill()
  {
    await using spool = await openTestSpool(disk.spool, { readers })
    const reader = spool.reader('new')
    await reader.acknowledge([(await nextOf(reader))!])
    expect(spool.stats().positionFailures).toBe(1)
    disk.empty()
    await spool.append(record('c'))
    await reader.acknowledge([(await nextOf(reader))!])
  }
  expect(readdirSync(disk.spool).filter((name) => name.startsWith('new'))).toEqual(['new.position'])
  await using spool = await openTestSpool(disk.spool, { readers })
  expect(await drain(spool.reader('new'))).toEqual(['c'])
  expect(await drain(spool.reader('main'))).toEqual(['a', 'b', 'c'])
})
