import { copyFile, readFile, readdir, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { drain, nextOf, openTestSpool, record, temporaryDirectory } from './harness.ts'

const segmentHeaderBytes = 16

async function segmentsOf(directory: string): Promise<string[]> {
  const names = await readdir(directory)
  return names.filter((name) => name.endsWith('.segment')).sort()
}

test('an append that was cut at any byte is dropped, everything before it is served', async () => {
  const source = await temporaryDirectory()
  {
    await using spool = await openTestSpool(source)
    for (const text of ['first', 'second', 'third']) await spool.append(record(text))
  }
  const [name = ''] = await segmentsOf(source)
  const whole = await readFile(join(source, name))
  const ends = [5, 11, 16].map((_, i) => segmentHeaderBytes + [5, 11, 16][i]! + 16 * (i + 1))
  expect(ends.at(-1)).toBe(whole.length)

  for (let cut = 0; cut <= whole.length; cut++) {
    const directory = await temporaryDirectory()
    await copyFile(join(source, name), join(directory, name))
    await truncate(join(directory, name), cut)
    const complete = ends.filter((end) => end <= cut).length
    {
      await using spool = await openTestSpool(directory)
      await spool.append(record('afterwards'))
      const expected = [...['first', 'second', 'third'].slice(0, complete), 'afterwards']
      expect([cut, await drain(spool.reader('main'))]).toEqual([cut, expected])
      const kept = ends[complete - 1] ?? (cut >= segmentHeaderBytes ? segmentHeaderBytes : 0)
      expect([cut, spool.stats()]).toMatchObject([cut, { tornBytes: cut - kept, corruptBytes: 0 }])
    }
    await using again = await openTestSpool(directory)
    expect([cut, again.stats().tornBytes, again.stats().corruptBytes]).toEqual([cut, 0, 0])
  }
})

test('a torn tail is cut once, and never counted as damage later', async () => {
  const directory = await temporaryDirectory()
  {
    await using spool = await openTestSpool(directory)
    for (const text of 'abc') await spool.append(record(text))
  }
  const [name = ''] = await segmentsOf(directory)
  await truncate(join(directory, name), segmentHeaderBytes + 2 * 17 + 5)
  {
    await using spool = await openTestSpool(directory)
    await spool.append(record('d'))
    expect(spool.stats()).toMatchObject({ tornBytes: 5, corruptBytes: 0 })
  }
  await using spool = await openTestSpool(directory)
  expect(spool.stats()).toMatchObject({ tornBytes: 0, corruptBytes: 0 })
  expect(await drain(spool.reader('main'))).toEqual(['a', 'b', 'd'])
})

test('a damaged record costs the rest of its segment and is counted; the segments after it are served', async () => {
  const directory = await temporaryDirectory()
  {
    await using spool = await openTestSpool(directory, { segmentBytes: 16 + 3 * 17 })
    for (const text of 'abcdef') await spool.append(record(text))
  }
  const [first = ''] = await segmentsOf(directory)
  const bytes = await readFile(join(directory, first))
  bytes[segmentHeaderBytes + 17 + 16] = 0x21
  await writeFile(join(directory, first), bytes)

  await using spool = await openTestSpool(directory)
  expect(await drain(spool.reader('main'))).toEqual(['a', 'd', 'e', 'f'])
  expect(spool.stats()).toMatchObject({ tornBytes: 0, corruptBytes: 34 })
})

test('damage in the middle of the newest segment is told from a torn append', async () => {
  const directory = await temporaryDirectory()
  {
    await using spool = await openTestSpool(directory)
    for (const text of 'abc') await spool.append(record(text))
  }
  const [name = ''] = await segmentsOf(directory)
  const bytes = await readFile(join(directory, name))
  bytes[segmentHeaderBytes + 17 + 16] = 0x21
  await writeFile(join(directory, name), bytes)
  await using spool = await openTestSpool(directory)
  expect(await drain(spool.reader('main'))).toEqual(['a'])
  expect(spool.stats()).toMatchObject({ tornBytes: 0, corruptBytes: 34 })
})

test('records that go bad while the spool is open are skipped and counted with their time', async () => {
  const directory = await temporaryDirectory()
  await using spool = await openTestSpool(directory, { segmentBytes: 16 + 2 * 17 })
  for (const [i, text] of ['a', 'b', 'c', 'd'].entries()) await spool.append(record(text, Date.now() + i))
  const reader = spool.reader('main')
  await reader.acknowledge([(await nextOf(reader))!])
  const [first = ''] = await segmentsOf(directory)
  const bytes = await readFile(join(directory, first))
  bytes[segmentHeaderBytes + 17 + 16] = 0x21
  await writeFile(join(directory, first), bytes)
  expect(await drain(reader)).toEqual(['c', 'd'])
  expect(spool.stats().readers['main']?.corrupt).toMatchObject({ records: 1, bytes: 17 })
})

test('a segment that a newer release wrote is not touched', async () => {
  const directory = await temporaryDirectory()
  const header = Buffer.alloc(segmentHeaderBytes)
  header.write('PGHSPOOL', 'latin1')
  header.writeUInt32LE(2, 8)
  await writeFile(join(directory, '000000000007.segment'), header)
  await expect(openTestSpool(directory)).rejects.toMatchObject({ code: 'DIRECTORY_UNUSABLE' })
  expect(await readFile(join(directory, '000000000007.segment'))).toEqual(header)
})

test.each([
  ['is damaged', Buffer.alloc(3 * 1024, 0x55)],
  ['has lost its slots', Buffer.concat([Buffer.from('PGHPOSIT\x02\0\0\0'), Buffer.alloc(3 * 1024 - 12)])],
  ['is empty', Buffer.alloc(0)],
])(
  'a destination whose position %s gets again what it acknowledged, and misses nothing, wherever it began',
  async (_, damage) => {
    const directory = await temporaryDirectory()
    const readers = [{ name: 'main', start: 'now' as const }]
    {
      await using spool = await openTestSpool(directory, { readers })
      for (const text of 'abc') await spool.append(record(text))
      const reader = spool.reader('main')
      await reader.acknowledge([(await nextOf(reader))!])
    }
    await writeFile(join(directory, 'main.position'), damage)
    {
      await using spool = await openTestSpool(directory, { readers })
      expect(spool.reader('main').backlog().records).toBe(3)
    }
    await using spool = await openTestSpool(directory, { readers })
    expect(await drain(spool.reader('main'))).toEqual(['a', 'b', 'c'])
  },
)

test('a torn position falls back to the one before it', async () => {
  const directory = await temporaryDirectory()
  {
    await using spool = await openTestSpool(directory)
    for (const text of 'abc') await spool.append(record(text))
    const reader = spool.reader('main')
    for (let i = 0; i < 2; i++) await reader.acknowledge([(await nextOf(reader))!])
  }
  // The first generation is that of the start, so the second acknowledgement went to the second slot.
  const path = join(directory, 'main.position')
  const bytes = await readFile(path)
  bytes[2048 + 20] = bytes[2048 + 20]! ^ 0xff
  await writeFile(path, bytes)
  await using spool = await openTestSpool(directory)
  expect(await drain(spool.reader('main'))).toEqual(['b', 'c'])
})

test('a position beyond what is left of a segment counts as acknowledged up to its end', async () => {
  const directory = await temporaryDirectory()
  {
    await using spool = await openTestSpool(directory, { readers: ['main', 'other'] })
    for (const text of 'abc') await spool.append(record(text))
    await drain(spool.reader('main'))
  }
  const [name = ''] = await segmentsOf(directory)
  await truncate(join(directory, name), segmentHeaderBytes + 17)
  await using spool = await openTestSpool(directory, { readers: ['main', 'other'] })
  await spool.append(record('new'))
  expect(await drain(spool.reader('main'))).toEqual(['new'])
  expect(await drain(spool.reader('other'))).toEqual(['a', 'new'])
})
