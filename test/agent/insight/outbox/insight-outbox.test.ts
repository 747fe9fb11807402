import { appendFile, mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { openInsightOutbox } from '../../../../agent/insight/outbox/insight-outbox.ts'
import type { InsightOutbox } from '../../../../agent/insight/outbox/insight-outbox.ts'
import { systemClock } from '../../../../common/clock.ts'
import { maxInsightBody } from '../../../../common/insight/insight-report.ts'
import { openSpool } from '../../../../common/spool/spool.ts'
import { createHeardLog } from '../../neighbours/probing.ts'

async function directoryOf(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'outbox-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  return directory
}

let ids = 0

const opened = (
  directory: string,
  { maxBytes = 32 << 20, log = createHeardLog() } = {},
): Promise<InsightOutbox> =>
  openInsightOutbox({ directory, maxBytes, newId: () => `id-${++ids}`, clock: systemClock, log })

const tell = (outbox: InsightOutbox, body: unknown): void =>
  outbox.tell({ server: 'pg-1', cluster: 'pg', topic: 'schema-changes', atMs: Date.now(), body })

const waitFor = (outbox: InsightOutbox, waiting: number): Promise<void> =>
  vi.waitFor(() => expect(outbox.stats().waiting).toBe(waiting), { timeout: 5_000 })

const bodiesOf = async (outbox: InsightOutbox): Promise<readonly unknown[]> =>
  (await outbox.next()).reports.map(({ body }) => body)

test('what was told comes in order until it is stored, and then never again', async () => {
  await using outbox = await opened(await directoryOf())
  for (const body of [1, { two: [2] }, 'three']) tell(outbox, body)
  await waitFor(outbox, 3)
  const { reports, done } = await outbox.next()
  expect(reports.map(({ body }) => body)).toEqual([1, { two: [2] }, 'three'])
  expect(reports[0]).toMatchObject({ server: 'pg-1', cluster: 'pg', topic: 'schema-changes' })
  expect(new Set(reports.map(({ id }) => id)).size).toBe(3)
  expect(await bodiesOf(outbox)).toEqual([1, { two: [2] }, 'three'])

  const again = await outbox.next()
  outbox.stored(reports.slice(0, 2).map(({ id }) => id))
  expect(again.done.aborted).toBe(false)
  outbox.stored(['unknown', ...reports.map(({ id }) => id)])
  await vi.waitFor(() => expect(again.done.aborted).toBe(true))
  expect(done.aborted).toBe(false)
  expect(await bodiesOf(outbox)).toEqual([])
  expect(outbox.stats()).toEqual({ waiting: 0, stored: 3, dropped: 0 })
})

test('what is not stored is there after a restart, under the same names', async () => {
  const directory = await directoryOf()
  let before: readonly string[]
  {
    await using outbox = await opened(directory)
    for (let i = 0; i < 20; i++) tell(outbox, i)
    await waitFor(outbox, 20)
    const { reports, done } = await outbox.next()
    before = reports.map(({ id }) => id)
    expect(before).toHaveLength(16)
    outbox.stored(before)
    await vi.waitFor(() => expect(done.aborted).toBe(true))
    before = (await outbox.next()).reports.map(({ id }) => id)
  }
  await using outbox = await opened(directory)
  const { reports } = await outbox.next()
  expect(reports.map(({ id }) => id)).toEqual(before)
  expect(reports.map(({ body }) => body)).toEqual([16, 17, 18, 19])
})

test('a report that was half written when the host went down costs itself', async () => {
  const directory = await directoryOf()
  {
    await using outbox = await opened(directory)
    tell(outbox, 'whole')
    await waitFor(outbox, 1)
  }
  const [segment] = (await readdir(directory)).filter((name) => name.endsWith('.segment'))
  await appendFile(join(directory, segment!), Buffer.from([200, 0, 0, 0, 1, 2, 3, 4, 5, 6]))
  await using outbox = await opened(directory)
  expect(await bodiesOf(outbox)).toEqual(['whole'])
  tell(outbox, 'next')
  await waitFor(outbox, 2)
  // What was told before a restart is in a file of its own, and comes by itself.
  const { reports, done } = await outbox.next()
  outbox.stored(reports.map(({ id }) => id))
  await vi.waitFor(() => expect(done.aborted).toBe(true))
  expect(await bodiesOf(outbox)).toEqual(['next'])
})

test('without a collector it stays within its size, and what is dropped are the oldest, counted', async () => {
  const directory = await directoryOf()
  await using outbox = await opened(directory, { maxBytes: 4 << 20 })
  const filling = 'x'.repeat(100_000)
  for (let i = 0; i < 80; i++) {
    tell(outbox, { i, filling })
    await vi.waitFor(() => {
      const { waiting, dropped } = outbox.stats()
      expect(waiting + dropped).toBe(i + 1)
    })
  }
  const sizes = await Promise.all(
    (await readdir(directory)).map(async (name) => (await stat(join(directory, name))).size),
  )
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(4.2 * (1 << 20))
  const { waiting, dropped } = outbox.stats()
  expect(dropped).toBeGreaterThan(30)
  const { reports } = await outbox.next()
  expect(reports[0]!.body).toMatchObject({ i: dropped })
  expect(waiting).toBeGreaterThan(20)
})

test('what is too large for the channel, or is no JSON, is dropped, counted and said once', async () => {
  const log = createHeardLog()
  await using outbox = await opened(await directoryOf(), { log })
  tell(outbox, 'x'.repeat(maxInsightBody + 2_000))
  const self: Record<string, unknown> = {}
  self['self'] = self
  tell(outbox, self)
  tell(outbox, 1n)
  tell(outbox, 'x'.repeat(maxInsightBody - 2))
  await waitFor(outbox, 1)
  expect(outbox.stats().dropped).toBe(3)
  expect(log.heard).toEqual([expect.stringMatching(/^error insight: a report was dropped: it has \d+ bytes/)])
})

test('what another release has written and this one does not know is dropped, and does not block the rest', async () => {
  const directory = await directoryOf()
  {
    const made = { directory, maxBytes: 1 << 20, maxAgeMs: 1e9, clock: systemClock, log: createHeardLog() }
    await using spool = await openSpool({ ...made, readers: ['collector'] })
    for (const text of ['{"id":"1","topic":"of the future"}', 'no JSON']) {
      await spool.append({ timestampMs: Date.now(), payload: Buffer.from(text) })
    }
  }
  await using outbox = await opened(directory)
  expect(await bodiesOf(outbox)).toEqual([])
  tell(outbox, 'known')
  await waitFor(outbox, 1)
  expect(await bodiesOf(outbox)).toEqual(['known'])
  expect(outbox.stats()).toMatchObject({ dropped: 2 })
})
