import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { canMount, mountDisk } from './small-disk.ts'
import { drain, nextOf, openTestSpool, record } from './harness.ts'

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
