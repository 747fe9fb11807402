import { appendFile, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createSampleRing } from '../../../../agent/insight/waits/sample-ring.ts'
import type { KeptSample } from '../../../../agent/insight/waits/sample-ring.ts'
import { createManualClock } from '../../../manual-clock.ts'
import { createHeardLog } from '../../neighbours/probing.ts'

async function made() {
  const directory = await mkdtemp(join(tmpdir(), 'ring-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  const clock = createManualClock(1_800_000_000_000)
  const log = createHeardLog()
  return { directory, clock, log, ring: createSampleRing({ directory, clock, log }) }
}

const sampleAt = (atMs: number, sessions = 1): KeptSample => [
  atMs,
  1,
  sessions,
  Array.from({ length: sessions }, (_, i) => [i, 'shop', 'web', 'app', 'CPU', 'CPU', '-42', 3, '']),
]

test('what was added is read again, from a moment on, also by the next run', async () => {
  const { directory, clock, log, ring } = await made()
  const now = clock.now()
  for (let i = 0; i < 5; i++) ring.add(sampleAt(now + i))
  expect(await ring.read(now + 3)).toEqual([sampleAt(now + 3), sampleAt(now + 4)])
  const next = createSampleRing({ directory, clock, log })
  expect(await next.read(0)).toHaveLength(5)
})

test('files of more than an hour ago go, and those of other names stay', async () => {
  const { directory, clock, ring } = await made()
  await writeFile(join(directory, 'of-another-part'), '')
  for (let minute = 0; minute < 180; minute += 5) {
    ring.add(sampleAt(clock.now()))
    await ring.flush()
    await clock.advance(300_000)
  }
  const names = await readdir(directory)
  expect(names).toContain('of-another-part')
  expect(names.length).toBeLessThanOrEqual(15)
  const kept = await ring.read(clock.now() - 3_600_000)
  expect(kept).toHaveLength(12)
})

test('a line that was not written as a whole costs itself', async () => {
  const { directory, clock, ring } = await made()
  ring.add(sampleAt(clock.now()))
  await ring.flush()
  const [name] = await readdir(directory)
  await appendFile(join(directory, name!), '[1800000000001,1,1,[[1,"sh\n')
  ring.add(sampleAt(clock.now() + 2))
  expect(await ring.read(0)).toEqual([sampleAt(clock.now()), sampleAt(clock.now() + 2)])
})

test('it stays within its size, and what finds no room is counted', async () => {
  const { directory, clock, ring } = await made()
  for (let i = 0; i < 300; i++) {
    ring.add(sampleAt(clock.now() + i, 200))
    if (i % 10 === 0) await ring.flush()
  }
  await ring.flush()
  const [name] = await readdir(directory)
  expect((await stat(join(directory, name!))).size).toBeLessThan(1.3 * 1024 * 1024)
  expect(ring.dropped).toBeGreaterThan(100)
  expect((await ring.read(0)).length + ring.dropped).toBe(300)
})

test('a disk that does not take it is said once, and measuring goes on', async () => {
  const { directory, clock, log, ring } = await made()
  await rm(directory, { recursive: true })
  for (let i = 0; i < 3; i++) {
    ring.add(sampleAt(clock.now()))
    await ring.flush()
  }
  expect(ring.dropped).toBe(3)
  expect(log.heard).toEqual([
    expect.stringMatching(/^warn insight: samples of waits could not be kept: ENOENT/),
  ])
})
