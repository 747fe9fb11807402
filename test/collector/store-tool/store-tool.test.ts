import { readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet'
import { describe, expect, it } from 'vitest'
import { systemClock } from '../../../common/clock.ts'
import { labelRecord } from '../../../common/series/label-set.ts'
import { jsonLines } from '../../../collector/http/export-lines.ts'
import { parseSelector } from '../../../collector/promql/parse-selector.ts'
import { runStoreTool } from '../../../collector/store-tool/store-tool.ts'
import {
  appendSamples,
  createManualClock,
  createTemporaryDirectory,
  everything,
  hour,
  metric,
  named,
  openTestStore,
  windowStart,
} from '../store/embedded/test-store.ts'
import type { Sample } from '../store/embedded/test-store.ts'

const series = Array.from({ length: 1200 }, (_, i) => metric(`m${i % 4}`, { i: String(i), q: '"\\' }))

/** A block of several pages and a log. */
async function fill(directory: string): Promise<void> {
  const clock = createManualClock(windowStart)
  await using store = await openTestStore(join(directory, 'metrics'), clock)
  for (let round = 0; round < 4; round++) {
    const at = windowStart + round * 60_000
    await appendSamples(
      store,
      series.map((labels, i): Sample => [labels, at, Math.sin(i * 7 + round)]),
    )
  }
  clock.nowMs += 3 * hour
  await store.maintain()
  await appendSamples(store, [
    [metric('late'), clock.nowMs, Infinity],
    [metric('late'), clock.nowMs + 1, NaN],
  ])
}

async function tool(directory: string, ...argv: string[]) {
  const lines: string[] = []
  const progress: string[] = []
  const output = new PassThrough()
  const status = await runStoreTool({
    argv,
    directory,
    variable: 'PGHERD_COLLECTOR_STORE_DIRECTORY',
    clock: systemClock,
    output,
    print: (line) => void lines.push(line),
    complain: (line) => void progress.push(line),
    parseSelector,
    jsonLines,
  })
  return { status, lines, progress, output: String(output.read() ?? '') }
}

async function only(directory: string, folder: string): Promise<string> {
  const [name] = await readdir(join(directory, 'metrics', folder))
  return join(directory, 'metrics', folder, name!)
}

async function flip(path: string, at: number): Promise<void> {
  const bytes = await readFile(path)
  bytes[at < 0 ? bytes.length + at : at]! ^= 0x40
  await writeFile(path, bytes)
}

describe('store verify', () => {
  it('reads all of a sound store, and changes nothing', async () => {
    await using directory = await createTemporaryDirectory()
    await fill(directory.path)
    const before = await readdir(directory.path, { recursive: true })
    const { status, lines } = await tool(directory.path, 'verify')
    expect(status).toBe(0)
    expect(lines).toEqual([
      'read 1 blocks, 1 logs and 0 deletions: 4802 samples, 1200 chunks in blocks, 0 damaged',
    ])
    expect(await readdir(directory.path, { recursive: true })).toEqual(before)
  })

  it.each([
    ['a page', 'blocks', 30_000, /the page at byte \d+ fails its checksum: the samples in it are lost/],
    ['the index', 'blocks', -150, /its index cannot be read/],
    ['the footer', 'blocks', -50, /it is not a whole block/],
    ['a record', 'log', -1, /1 records fail their checksums: the samples in them are lost/],
  ])('says which file has a damage in %s, and what is lost', async (_, folder, at, message) => {
    await using directory = await createTemporaryDirectory()
    await fill(directory.path)
    const path = await only(directory.path, folder)
    await flip(path, at)
    const { status, lines } = await tool(directory.path, 'verify')
    expect(status).toBe(1)
    expect(lines[0]).toContain(path)
    expect(lines[0]).toMatch(message)
  })

  it('may run beside a collector, finds a damaged deletion, and what was set aside', async () => {
    await using directory = await createTemporaryDirectory()
    await fill(directory.path)
    await using store = await openTestStore(
      join(directory.path, 'metrics'),
      createManualClock(windowStart + 4 * hour),
    )
    await store.deleteSeries([named('m1')])
    expect((await tool(directory.path, 'verify')).status).toBe(0)
    const tombstone = await only(directory.path, 'tombstones')
    await flip(tombstone, -3)
    await writeFile(join(directory.path, 'metrics', 'log', '0-0.log.corrupt'), '')
    const { lines, status } = await tool(directory.path, 'verify')
    expect(status).toBe(1)
    expect(lines.join('\n')).toMatch(
      /1\.tombstone: the deletion fails its checksum: what it deleted comes back/,
    )
    expect(lines.join('\n')).toMatch(/0-0\.log\.corrupt: the collector has set it aside/)
  })
})

describe('store stats', () => {
  it('shows blocks, range, series, samples and the largest metrics', async () => {
    await using directory = await createTemporaryDirectory()
    await fill(directory.path)
    const text = (await tool(directory.path, 'stats')).lines.join('\n')
    expect(text).toContain(`${windowStart}-0-0.block`)
    expect(text).toMatch(/series: +1201 of 5 metrics/)
    expect(text).toMatch(/samples: +4802/)
    expect(text).toMatch(/^m0 +300 +1200$/m)
    expect(text).toMatch(/blocks: +1, 4800 samples, \d+ bytes, \d+\.\d+ per sample/)
  })
})

describe('store export', () => {
  it('writes JSON lines that can be imported again', async () => {
    await using directory = await createTemporaryDirectory()
    await fill(directory.path)
    const { output, progress } = await tool(
      directory.path,
      'export',
      '--format',
      'jsonl',
      '--output',
      '-',
      '--match',
      '{i="7"}',
      '--match',
      'late',
    )
    const lines = output
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown)
    expect(lines).toContainEqual({
      metric: { __name__: 'm3', i: '7', q: '"\\' },
      values: [0, 1, 2, 3].map((round) => Math.sin(49 + round)),
      timestamps: [0, 1, 2, 3].map((round) => windowStart + round * 60_000),
    })
    expect(lines).toHaveLength(2)
    expect(progress).toEqual(['exported 6 samples of 2 series'])
  })

  it('writes Parquet with a row for each sample', async () => {
    await using directory = await createTemporaryDirectory()
    await fill(directory.path)
    const path = join(directory.path, 'out.parquet')
    await tool(directory.path, 'export', '--format', 'parquet', '--output', path)
    const file = await asyncBufferFromFile(path)
    expect((await parquetMetadataAsync(file)).num_rows).toBe(4_802n)
    const rows = await parquetReadObjects({ file })
    const found = new Map(
      rows.map((row) => [
        `${String(row['__name__'])} ${String(row['labels'])} ${(row['timestamp'] as Date).getTime()}`,
        row['value'],
      ]),
    )
    await using store = await openTestStore(
      join(directory.path, 'metrics'),
      createManualClock(windowStart + 4 * hour),
    )
    let count = 0
    for (const { labels, timestamps, values } of await store.select(everything, 0, Number.MAX_SAFE_INTEGER)) {
      const { __name__: name, ...others } = labelRecord(labels)
      for (const [i, at] of timestamps.entries()) {
        expect(Object.is(found.get(`${name} ${JSON.stringify(others)} ${at}`), values[i])).toBe(true)
        count++
      }
    }
    expect(count).toBe(found.size)
  })

  it('takes a range of time', async () => {
    await using directory = await createTemporaryDirectory()
    await fill(directory.path)
    const { progress } = await tool(
      directory.path,
      'export',
      '--format',
      'jsonl',
      '--output',
      '-',
      '--start',
      String(windowStart / 1000 + 60),
      '--end',
      new Date(windowStart + 120_000).toISOString(),
      '--match',
      '{i=~"1|2"}',
    )
    expect(progress).toEqual(['exported 4 samples of 2 series'])
  })

  it.each(['jsonl', 'parquet'])('of %s to a disk that is full says so', async (format) => {
    await using directory = await createTemporaryDirectory()
    await fill(directory.path)
    const exported = tool(directory.path, 'export', '--format', format, '--output', '/dev/full')
    await expect(exported).rejects.toMatchObject({
      code: 'DISK_FULL',
      message: expect.stringContaining('/dev/full could not be written: ENOSPC') as string,
    })
  })

  it('is refused beside a collector, and says what to do; a snapshot can be exported', async () => {
    await using directory = await createTemporaryDirectory()
    await fill(directory.path)
    await using store = await openTestStore(
      join(directory.path, 'metrics'),
      createManualClock(windowStart + 4 * hour),
    )
    const refused = tool(directory.path, 'export', '--format', 'jsonl', '--output', '-')
    await expect(refused).rejects.toMatchObject({
      code: 'DIRECTORY_LOCKED',
      message: expect.stringContaining('snapshot') as string,
    })
    const { path } = await store.createSnapshot()
    const { progress } = await tool(
      directory.path,
      'export',
      '--store-directory',
      path,
      '--format',
      'jsonl',
      '--output',
      join(directory.path, 'out'),
    )
    expect(progress).toEqual(['exported 4802 samples of 1201 series'])
    await rm(join(directory.path, 'out'))
  })
})

describe('a wrong command line', () => {
  it.each([
    [[], 'say verify, stats or export'],
    [['clean'], "unknown command 'clean'"],
    [['export', '--output', 'x'], "required option '--format <format>' not specified"],
    [['export', '--format', 'csv', '--output', 'x'], '--format was csv; allowed: jsonl, parquet'],
    [['export', '--format', 'jsonl', '--output', 'x', '--start', 'noon'], 'noon is no time'],
  ])('%j is refused', async (argv, message) => {
    await using directory = await createTemporaryDirectory()
    await fill(directory.path)
    await expect(tool(directory.path, ...argv)).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringContaining(message) as string,
    })
  })
})
