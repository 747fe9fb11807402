import { readdir, readlink, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { drain, nextOf, openTestSpool, record, temporaryDirectory } from './harness.ts'

test('records come out in the order in which they went in', async () => {
  await using spool = await openTestSpool(await temporaryDirectory())
  const texts = Array.from({ length: 50 }, (_, i) => `record ${i}`)
  await Promise.all(texts.map((text) => spool.append(record(text))))
  expect(await drain(spool.reader('main'))).toEqual(texts)
  expect(spool.stats()).toMatchObject({ appendedRecords: 50, readers: { main: { records: 0, bytes: 0 } } })
})

test('a record stays the next one until it is acknowledged', async () => {
  await using spool = await openTestSpool(await temporaryDirectory())
  await spool.append(record('first'))
  await spool.append(record('second'))
  const reader = spool.reader('main')
  const first = await nextOf(reader)
  expect(await nextOf(reader)).toEqual(first)
  await reader.acknowledge([first!])
  expect(Buffer.from((await nextOf(reader))!.payload).toString()).toBe('second')
})

test('what was acknowledged stays so after a restart, and the rest is still there', async () => {
  const directory = await temporaryDirectory()
  {
    await using spool = await openTestSpool(directory)
    for (const text of ['a', 'b', 'c']) await spool.append(record(text))
    const reader = spool.reader('main')
    await reader.acknowledge([(await nextOf(reader))!])
  }
  await using spool = await openTestSpool(directory)
  expect(spool.reader('main').backlog().records).toBe(2)
  await spool.append(record('d'))
  expect(await drain(spool.reader('main'))).toEqual(['b', 'c', 'd'])
})

test('each destination has its own position, and a slow one keeps its records', async () => {
  const directory = await temporaryDirectory()
  {
    await using spool = await openTestSpool(directory, { readers: ['fast', 'slow'], segmentBytes: 64 })
    for (const text of ['a', 'b', 'c', 'd']) await spool.append(record(text))
    expect(await drain(spool.reader('fast'))).toHaveLength(4)
  }
  await using spool = await openTestSpool(directory, { readers: ['fast', 'slow'], segmentBytes: 64 })
  expect(await drain(spool.reader('fast'))).toEqual([])
  expect(await drain(spool.reader('slow'))).toEqual(['a', 'b', 'c', 'd'])
})

test('segments that everybody has acknowledged are deleted', async () => {
  const directory = await temporaryDirectory()
  await using spool = await openTestSpool(directory, { segmentBytes: 64 })
  for (let i = 0; i < 20; i++) await spool.append(record(`record ${i}`))
  expect(spool.stats().segments).toBeGreaterThan(5)
  await drain(spool.reader('main'))
  expect(spool.stats().segments).toBe(1)
  expect((await readdir(directory)).filter((name) => name.endsWith('.segment'))).toHaveLength(1)
})

test('the position of a destination that is not configured any more does not hold segments', async () => {
  const directory = await temporaryDirectory()
  {
    await using spool = await openTestSpool(directory, { readers: ['main', 'retired'] })
    await spool.append(record('a'))
    await drain(spool.reader('main'))
    expect(spool.reader('retired').backlog().records).toBe(1)
  }
  await using spool = await openTestSpool(directory)
  expect(spool.stats().segments).toBe(0)
  expect(await readdir(directory)).not.toContain('retired.position')
})

test('a spool that was emptied before a restart delivers what comes after it', async () => {
  const directory = await temporaryDirectory()
  {
    await using spool = await openTestSpool(directory)
    for (const text of ['a', 'b', 'c']) await spool.append(record(text))
    await drain(spool.reader('main'))
  }
  {
    await using emptied = await openTestSpool(directory)
    expect(emptied.stats().segments).toBe(0)
  }
  await using spool = await openTestSpool(directory)
  await spool.append(record('d'))
  expect(await drain(spool.reader('main'))).toEqual(['d'])
})

test('a waiting reader is woken by an append', async () => {
  await using spool = await openTestSpool(await temporaryDirectory())
  const reader = spool.reader('main')
  const woken = reader.wait()
  await spool.append(record('news'))
  await woken
  expect(Buffer.from((await nextOf(reader))!.payload).toString()).toBe('news')
})

test('a waiting reader is released by its signal and by the end of the spool', async () => {
  const spool = await openTestSpool(await temporaryDirectory())
  const stop = new AbortController()
  const bySignal = spool.reader('main').wait(stop.signal)
  const byClose = spool.reader('main').wait()
  stop.abort()
  await bySignal
  await spool[Symbol.asyncDispose]()
  await byClose
})

test('a second process is kept out of the directory, and let in when the first has closed', async () => {
  const directory = await temporaryDirectory()
  const first = await openTestSpool(directory)
  await expect(openTestSpool(directory)).rejects.toMatchObject({ code: 'DIRECTORY_LOCKED' })
  await first[Symbol.asyncDispose]()
  await using second = await openTestSpool(directory)
  await second.append(record('mine'))
  expect(second.stats().appendedRecords).toBe(1)
})

test('a lock file that holds garbage keeps nobody out', async () => {
  const directory = await temporaryDirectory()
  await writeFile(join(directory, 'lock'), Buffer.alloc(4096, 'garbage'))
  await using spool = await openTestSpool(directory)
  await expect(openTestSpool(directory)).rejects.toMatchObject({ code: 'DIRECTORY_LOCKED' })
  await spool.append(record('mine'))
})

test('a removed segment gives its space back at once: no file of it stays open', async () => {
  const directory = await temporaryDirectory()
  await using spool = await openTestSpool(directory, { segmentBytes: 100 })
  for (const text of ['first', 'second']) await spool.append(record(text.padEnd(80)))
  const found = await nextOf(spool.reader('main'))
  await spool.reader('main').acknowledge([found!])
  expect(spool.stats().segments).toBe(1)
  const open = (await readdir('/proc/self/fd')).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => ''))
  expect(
    (await Promise.all(open)).filter((path) => path.startsWith(directory) && path.endsWith('(deleted)')),
  ).toEqual([])
})

test('only the owner can read the files', async () => {
  const directory = join(await temporaryDirectory(), 'spool')
  await using spool = await openTestSpool(directory)
  await spool.append(record('secret'))
  expect((await stat(directory)).mode & 0o777).toBe(0o700)
  for (const name of await readdir(directory)) {
    expect([name, (await stat(join(directory, name))).mode & 0o077]).toEqual([name, 0])
  }
})

test('a directory that cannot be one is an error with its name', async () => {
  const path = join(await temporaryDirectory(), 'file')
  await writeFile(path, '')
  await expect(openTestSpool(path)).rejects.toMatchObject({
    code: 'DIRECTORY_UNUSABLE',
    message: expect.stringContaining(path) as string,
  })
})

test('a closed spool refuses appends', async () => {
  const spool = await openTestSpool(await temporaryDirectory())
  await spool[Symbol.asyncDispose]()
  await expect(spool.append(record('late'))).rejects.toMatchObject({ code: 'CANCELLED' })
})

test('what was read ahead is kept until the reader itself is moved on, and read again by the next', async () => {
  const directory = await temporaryDirectory()
  {
    await using spool = await openTestSpool(directory, { segmentBytes: 100 })
    for (let i = 0; i < 9; i++) await spool.append(record(`record ${i}`))
    const first = spool.readAhead('main')
    expect((await drain(first)).length).toBe(9)
    const second = spool.readAhead('main')
    for (let i = 0; i < 5; i++) await second.acknowledge([(await nextOf(second))!])
    await spool.reader('main').acknowledgeTo(second.position())
    expect(await drain(spool.readAhead('main'))).toEqual([5, 6, 7, 8].map((i) => `record ${i}`))
  }
  await using again = await openTestSpool(directory)
  expect(await drain(again.reader('main'))).toEqual([5, 6, 7, 8].map((i) => `record ${i}`))
})
