import fc from 'fast-check'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createHost } from '../../../agent/host/host.ts'
import type { HostMeasurement } from '../../../agent/host/host.ts'
import type { Clock } from '../../../common/clock.ts'
import { systemClock } from '../../../common/clock.ts'
import type { SampleTable } from '../../../common/series/sample-table.ts'
import { arm } from './machines/arm.ts'
import { oldKernel } from './machines/old-kernel.ts'
import { twoSockets } from './machines/two-sockets.ts'
import { samples } from './samples.ts'
import { plant } from './tree.ts'

const space = { bsize: 4096, blocks: 100, bfree: 50, bavail: 40, files: 1000, ffree: 900 }
const tree = { ...oldKernel, ...arm, ...twoSockets, 'proc/net/tcp': 'heading\n', 'proc/7/stat': '7 (x) S\n' }
const files = Object.entries(tree).filter(([, text]) => !text.startsWith('-> '))

/** @param stepMs between two scrapes; ten minutes unless told, so that everything is read at each */
function createMachine(stepMs = 600_000): {
  readonly root: string
  readonly scrape: () => Promise<HostMeasurement>
} {
  const root = plant(tree)
  let aheadMs = 0
  const clock: Clock = { ...systemClock, monotonic: () => systemClock.monotonic() + aheadMs }
  const host = createHost({ clock, root, statfs: () => Promise.resolve(space) })
  onTestFinished(() => host[Symbol.dispose]())
  return {
    root,
    scrape: () => {
      aheadMs += stepMs
      return host(10_000)
    },
  }
}

/** What may lie in a file instead of what should: bytes, shuffled lines, cut lines, other numbers. */
const spoil = (text: string): fc.Arbitrary<string | Uint8Array> =>
  fc.oneof(
    fc.uint8Array({ maxLength: 3000 }),
    fc.constant(''),
    fc.nat(text.length).map((end) => text.slice(0, end)),
    fc.shuffledSubarray(text.split('\n')).map((lines) => lines.join('\n')),
    fc.shuffledSubarray(text.split(/\s+/)).map((words) => words.join(' ')),
    fc
      .constantFrom(
        '-1',
        '99999999999999999999',
        '1e999',
        '0x',
        'NaN',
        '',
        ':',
        ' ',
        '-',
        '18446744073709551615',
      )
      .map((number) => text.replaceAll(/\d+/g, number)),
    fc.constantFrom(' ', '\0', '\n\n', ':', '='.repeat(5000)).map((blank) => text.replaceAll(' ', blank)),
  )

describe('whatever lies in the files', () => {
  test('a scrape is answered with numbers only', async () => {
    const { root, scrape } = createMachine()
    // Some files at a time: with all of them spoilt, each would hide what the next one does.
    const spoilt = fc.uniqueArray(
      fc
        .constantFrom(...files)
        .chain(([path, text]) => spoil(text).map((content) => ({ path, text, content }))),
      { selector: ({ path }) => path, minLength: 1, maxLength: 25 },
    )
    await fc.assert(
      fc.asyncProperty(spoilt, async (changes) => {
        for (const { path, content } of changes) writeFileSync(join(root, path), content)
        const { tables, failures } = await scrape()
        samples(uniqueSeries(tables))
        // By this clock whoever is still at work at the next scrape, on a busy machine, hangs.
        const busy = 'no answer from a device or a disk'
        expect([...failures.values()].filter((failure) => failure !== busy)).toEqual([])
        for (const { path, text } of changes) writeFileSync(join(root, path), text)
      }),
      { numRuns: 60, endOnFailure: true },
    )
  }, 60_000)

  test('endless files are refused and the rest is measured', async () => {
    const { root, scrape } = createMachine()
    const endless = 'x'.repeat(6 << 20)
    for (const path of ['proc/stat', 'proc/net/snmp', 'proc/meminfo', 'sys/class/dmi/id/bios_vendor']) {
      writeFileSync(join(root, path), endless)
    }
    writeFileSync(join(root, 'proc/net/arp'), endless)
    const { tables, failures } = await scrape()
    expect([...failures.keys()].sort()).toEqual(['cpu', 'meminfo', 'netstat'])
    expect(failures.get('cpu')).toBe('proc/stat has more than 4194304 bytes')
    expect(samples(tables)).toMatchObject({ node_load15: 3, 'node_network_up{ens1f0}': 1 })
  })

  test('counters that step back are shown as the kernel shows them', async () => {
    const { root, scrape } = createMachine()
    const reads = async (): Promise<number | undefined> =>
      samples((await scrape()).tables)['node_disk_reads_completed_total{sda}']
    writeFileSync(join(root, 'proc/diskstats'), '8 0 sda 500 1 1 1 1 1 1 1 1 1 1\n')
    expect(await reads()).toBe(500)
    writeFileSync(join(root, 'proc/diskstats'), '8 0 sda 3 1 1 1 1 1 1 1 1 1 1\n')
    expect(await reads()).toBe(3)
  })
})

test('a table that is given again says what it said, whatever has changed', async () => {
  const { root, scrape } = createMachine(10_000)
  const given = new Map<SampleTable, string>()
  let repeated = 0
  for (let round = 0; round < 20; round++) {
    for (const [path, text] of files) {
      writeFileSync(
        join(root, path),
        text.replaceAll(/\d+(?=\s)/g, (number) => String(Number(number) + round)),
      )
    }
    for (const table of (await scrape()).tables) {
      const said = JSON.stringify(table)
      if (given.has(table)) repeated++
      expect(given.get(table) ?? said).toBe(said)
      given.set(table, said)
    }
  }
  expect(repeated).toBeGreaterThan(0)
})

/** Spoilt files can name a thing twice, as the kernel never does; the later one is left out here. */
function uniqueSeries(tables: HostMeasurement['tables']): HostMeasurement['tables'] {
  const seen = new Set<string>()
  return tables.map((table) => ({
    ...table,
    rows: table.rows.map(({ labels, values }) => ({
      labels,
      values: values.map((value, i) => {
        const series = [table.metrics[i], ...labels].join('\0')
        if (value === undefined || seen.has(series)) return undefined
        seen.add(series)
        return value
      }),
    })),
  }))
}
