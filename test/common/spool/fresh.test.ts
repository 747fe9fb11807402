import fc from 'fast-check'
import { crc32 } from 'node:zlib'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { systemClock } from '../../../common/clock.ts'
import type { Spool, SpoolOptions } from '../../../common/spool/spool.ts'
import { drain, nextOf, openTestSpool, record, temporaryDirectory } from './harness.ts'

const fresh = { readers: [{ name: 'main', freshMs: 30_000 }] }

/** A spool whose clock stands still until it is told, and records numbered from 0, one every ten seconds. */
async function startClockwork(options: Partial<SpoolOptions> = {}) {
  const directory = await temporaryDirectory()
  let now = 1_790_000_000_000
  let count = 0
  const open = () =>
    openTestSpool(directory, { clock: { ...systemClock, now: () => now }, ...fresh, ...options })
  return {
    directory,
    open,
    measure: async (spool: Spool, times: number) => {
      for (let i = 0; i < times; i++) {
        now += 10_000
        await spool.append(record(String(count++), now))
      }
    },
  }
}

async function sendOne(spool: Spool): Promise<string | undefined> {
  const found = await nextOf(spool.reader('main'))
  if (found !== undefined) await spool.reader('main').acknowledge([found])
  return found && Buffer.from(found.payload).toString()
}

test('after an outage new records go first, and the backlog behind them in order', async () => {
  const { open, measure } = await startClockwork()
  await using spool = await open()
  await measure(spool, 10)
  // The destination is away: what is tried is not acknowledged.
  await nextOf(spool.reader('main'))
  await measure(spool, 1)
  const sent: (string | undefined)[] = []
  for (let i = 0; i < 3; i++) sent.push(await sendOne(spool))
  await measure(spool, 2)
  for (let i = 0; i < 4; i++) sent.push(await sendOne(spool))
  expect(sent).toEqual(['10', '0', '1', '11', '12', '2', '3'])
  expect(await drain(spool.reader('main'))).toEqual(['4', '5', '6', '7', '8', '9'])
  expect(spool.reader('main').backlog()).toEqual({ records: 0, bytes: 0, oldestMs: undefined })
})

test('records that are fresh enough go in order', async () => {
  const { open, measure } = await startClockwork()
  await using spool = await open()
  await measure(spool, 4)
  expect(await drain(spool.reader('main'))).toEqual(['0', '1', '2', '3'])
})

test('what was left behind and what was sent is known after a restart', async () => {
  const { open, measure } = await startClockwork({ segmentBytes: 60 })
  {
    await using spool = await open()
    await measure(spool, 10)
    await nextOf(spool.reader('main'))
    await measure(spool, 2)
    for (const expected of ['10', '11', '0', '1', '2']) expect(await sendOne(spool)).toBe(expected)
    expect(spool.reader('main').backlog().records).toBe(7)
  }
  await using spool = await open()
  expect(spool.reader('main').backlog().records).toBe(7)
  await measure(spool, 1)
  expect(await drain(spool.reader('main'))).toEqual(['12', '3', '4', '5', '6', '7', '8', '9'])
})

test('a second outage before the first is filled in leaves two ranges, the older goes first', async () => {
  const { open, measure } = await startClockwork({ segmentBytes: 60 })
  await using spool = await open()
  await measure(spool, 6)
  await nextOf(spool.reader('main'))
  await measure(spool, 2)
  for (const expected of ['6', '7', '0']) expect(await sendOne(spool)).toBe(expected)
  await measure(spool, 6)
  await nextOf(spool.reader('main'))
  await measure(spool, 1)
  expect(await drain(spool.reader('main'))).toEqual([
    '14',
    '1',
    '2',
    '3',
    '4',
    '5',
    '8',
    '9',
    '10',
    '11',
    '12',
    '13',
  ])
})

test('attempts during one outage leave one range behind, however many there are', async () => {
  const { open, measure } = await startClockwork({ segmentBytes: 60 })
  await using spool = await open()
  for (let i = 0; i < 100; i++) {
    await measure(spool, 5)
    await nextOf(spool.reader('main'))
  }
  await measure(spool, 1)
  const sent = await drain(spool.reader('main'))
  expect(sent).toEqual(['500', ...Array.from({ length: 500 }, (_, i) => String(i))])
})

test('with more outages than can be remembered records go in order, and none is missed', async () => {
  const { open, measure } = await startClockwork({ segmentBytes: 60 })
  await using spool = await open()
  const sent: string[] = []
  for (let i = 0; i < 40; i++) {
    await measure(spool, 6)
    await nextOf(spool.reader('main'))
    await measure(spool, 1)
    sent.push((await sendOne(spool))!)
  }
  sent.push(...(await drain(spool.reader('main'))))
  expect(sent.map(Number).sort((a, b) => a - b)).toEqual(Array.from({ length: 280 }, (_, i) => i))
})

test('segments in the middle that everybody has go before older ones that are still needed', async () => {
  const { open, measure, directory } = await startClockwork({ segmentBytes: 60 })
  await using spool = await open()
  await measure(spool, 5)
  await nextOf(spool.reader('main'))
  for (let i = 0; i < 20; i++) {
    await measure(spool, 1)
    await sendOne(spool)
  }
  const segments = (await readdir(directory)).filter((name) => name.endsWith('.segment'))
  expect(segments.length).toBeLessThanOrEqual(4)
  expect(await drain(spool.reader('main'))).toEqual(['0', '1', '2', '3', '4'])
})

test('the size budget takes from what was left behind, and counts it', async () => {
  const { open, measure } = await startClockwork({ segmentBytes: 60, maxBytes: 600 })
  await using spool = await open()
  await measure(spool, 15)
  await nextOf(spool.reader('main'))
  for (let i = 0; i < 30; i++) {
    await measure(spool, 1)
    expect(await sendOne(spool)).toBe(String(15 + i))
  }
  const rest = await drain(spool.reader('main'))
  expect(rest.length + spool.stats().readers['main']!.dropped.records).toBe(15)
  expect(rest.at(-1)).toBe('14')
})

test('a new destination starts with the oldest record, or with the next one when told to', async () => {
  const directory = await temporaryDirectory()
  {
    await using spool = await openTestSpool(directory)
    for (const text of ['a', 'b']) await spool.append(record(text))
  }
  const readers = ['main', 'all', { name: 'late', start: 'now' as const }]
  {
    await using spool = await openTestSpool(directory, { readers })
    await spool.append(record('c'))
    expect(spool.reader('late').backlog().records).toBe(1)
  }
  // Where it began is known even though it has not acknowledged anything yet.
  await using spool = await openTestSpool(directory, { readers })
  await spool.append(record('d'))
  expect(await drain(spool.reader('late'))).toEqual(['c', 'd'])
  expect(await drain(spool.reader('all'))).toEqual(['a', 'b', 'c', 'd'])
  expect(await drain(spool.reader('main'))).toEqual(['a', 'b', 'c', 'd'])
})

test('a destination that comes back after it was removed is a new one', async () => {
  const directory = await temporaryDirectory()
  const both = ['main', 'second']
  {
    await using spool = await openTestSpool(directory, { readers: both })
    await spool.append(record('a'))
    await drain(spool.reader('second'))
  }
  {
    await using spool = await openTestSpool(directory)
    expect(spool.reader('main').backlog().records).toBe(1)
  }
  await using spool = await openTestSpool(directory, { readers: both })
  expect(await drain(spool.reader('second'))).toEqual(['a'])
})

test('a position of the first format is read', async () => {
  const directory = await temporaryDirectory()
  {
    await using spool = await openTestSpool(directory)
    for (const text of ['a', 'b', 'c']) await spool.append(record(text))
  }
  const slot = Buffer.alloc(80)
  slot.writeDoubleLE(7, 4)
  slot.writeDoubleLE(1, 12)
  slot.writeDoubleLE(16 + 17, 20)
  slot.writeDoubleLE(1, 28)
  slot.writeUInt32LE(crc32(slot.subarray(4, 40)), 0)
  await writeFile(join(directory, 'main.position'), slot)
  for (let i = 0; i < 2; i++) {
    await using spool = await openTestSpool(directory)
    expect(spool.reader('main').backlog().records).toBe(2)
  }
  await using spool = await openTestSpool(directory)
  expect(await drain(spool.reader('main'))).toEqual(['b', 'c'])
})

test('many records are taken at once, up to a size, and never across what is missing', async () => {
  await using spool = await openTestSpool(await temporaryDirectory(), { segmentBytes: 16 + 5 * 17 })
  for (const text of 'abcdefghij') await spool.append(record(text))
  const reader = spool.reader('main')
  const take = async (records: number, bytes: number) =>
    (await reader.take({ records, bytes })).map(({ payload }) => Buffer.from(payload).toString()).join('')
  expect(await take(3, 100)).toBe('abc')
  expect(await take(100, 2)).toBe('ab')
  expect(await take(100, 0)).toBe('a')
  expect(await take(100, 100)).toBe('abcde')
  expect(await drain(reader, 4)).toEqual(Array.from('abcdefghij'))
})

test('whatever happens in whatever order, each destination gets every record once, and its backlog is exact', async () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant('measure' as const), times: fc.integer({ min: 1, max: 6 }) }),
    fc.record({ do: fc.constant('try' as const), who: fc.nat(1) }),
    fc.record({
      do: fc.constant('send' as const),
      who: fc.nat(1),
      requests: fc.integer({ min: 1, max: 4 }),
      records: fc.integer({ min: 1, max: 4 }),
    }),
    fc.record({ do: fc.constant('restart' as const) }),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const directory = await mkdtemp(join(tmpdir(), 'pgherd-spool-'))
      let now = 1_790_000_000_000
      const options = {
        readers: [{ name: 'fresh', freshMs: 30_000 }, { name: 'ordered' }],
        clock: { ...systemClock, now: () => now },
        segmentBytes: 70,
      }
      const names = ['fresh', 'ordered'] as const
      const sent = { fresh: [] as number[], ordered: [] as number[] }
      let count = 0
      let spool = await openTestSpool(directory, options)
      const send = async (name: (typeof names)[number], records: number) => {
        const taken = await spool.reader(name).take({ records, bytes: 1000 })
        for (const { payload } of taken) sent[name].push(Number(Buffer.from(payload).toString()))
        await spool.reader(name).acknowledge(taken)
        expect(spool.reader(name).backlog().records).toBe(count - sent[name].length)
        return taken.length
      }
      try {
        for (const one of steps) {
          if (one.do === 'measure') {
            for (let i = 0; i < one.times; i++) {
              now += 10_000
              await spool.append(record(String(count++), now))
            }
          } else if (one.do === 'restart') {
            await spool[Symbol.asyncDispose]()
            spool = await openTestSpool(directory, options)
          } else if (one.do === 'try') {
            await spool.reader(names[one.who]!).take({ records: 3, bytes: 1000 })
          } else {
            for (let i = 0; i < one.requests; i++) await send(names[one.who]!, one.records)
          }
        }
        for (const name of names) while ((await send(name, 5)) > 0);
        const all = Array.from({ length: count }, (_, i) => i)
        expect(sent.ordered).toEqual(all)
        expect(sent.fresh.toSorted((a, b) => a - b)).toEqual(all)
      } finally {
        await spool[Symbol.asyncDispose]()
        await rm(directory, { recursive: true })
      }
    }),
    { numRuns: 60 },
  )
}, 60_000)
