import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { checkMemory } from '../../../../agent/tuning/preflight/memory-checks.ts'
import type { HostMemory, SharedMemoryNow } from '../../../../agent/tuning/preflight/memory-checks.ts'
import { readHostMemory } from '../../../../agent/tuning/preflight/read-host-memory.ts'

const gibibyte = 1024 ** 3
const host: HostMemory = {
  availableBytes: 8 * gibibyte,
  commitLimitBytes: 16 * gibibyte,
  committedBytes: 4 * gibibyte,
  isStrict: false,
  freeHugePages: 0,
  usedHugePages: 0,
  hugePageBytes: 2 << 20,
}
const now: SharedMemoryNow = { bytes: gibibyte, hugePages: 512, usesHugePages: false }
const check = (
  need: { readonly gibibytes: number; readonly pages?: number },
  of: {
    readonly mode?: string
    readonly host?: Partial<HostMemory>
    readonly now?: Partial<SharedMemoryNow>
  } = {},
) =>
  checkMemory(
    { bytes: need.gibibytes * gibibyte, hugePages: need.pages ?? need.gibibytes * 512, isEstimate: false },
    of.mode ?? 'try',
    { ...now, ...of.now },
    { ...host, ...of.host },
  )

describe('shared memory without huge pages', () => {
  test('may be what is available, and what the server gives back', () => {
    expect(check({ gibibytes: 9 })).toEqual({ refusals: [], notes: [] })
    expect(check({ gibibytes: 10 }).refusals).toEqual([
      'it takes 10GB of shared memory, and the host would have 9GB (MemAvailable)',
    ])
  })

  test('is not held against a host that is short, where it does not grow', () => {
    expect(check({ gibibytes: 1 }, { host: { availableBytes: 0 } }).refusals).toEqual([])
  })

  test('is what the kernel gives where it keeps to its limit', () => {
    const short = { committedBytes: 12 * gibibyte }
    expect(check({ gibibytes: 6 }, { host: short }).refusals).toEqual([])
    expect(check({ gibibytes: 6 }, { host: { ...short, isStrict: true } }).refusals).toEqual([
      'it takes 6GB of shared memory, and the kernel would give 5GB (CommitLimit): the server would not start again',
    ])
  })
})

describe('shared memory in huge pages', () => {
  test('fits to the page', () => {
    const exact = { mode: 'on', host: { freeHugePages: 4096 } }
    expect(check({ gibibytes: 8 }, exact).refusals).toEqual([])
    expect(check({ gibibytes: 8, pages: 4097 }, exact).refusals).toEqual([
      'its shared memory takes 4097 huge pages, of which 4096 would be free, and huge_pages is on: the server would not start again',
    ])
  })

  test('has the pages that the server holds now, also where it does not tell that it holds them', () => {
    const free = { freeHugePages: 3584, usedHugePages: 512 }
    expect(
      check({ gibibytes: 8 }, { mode: 'on', host: free, now: { usesHugePages: true } }).refusals,
    ).toEqual([])
    expect(
      check({ gibibytes: 8 }, { mode: 'on', host: free, now: { usesHugePages: null } }).refusals,
    ).toEqual([])
    expect(check({ gibibytes: 8 }, { mode: 'on', host: free }).refusals).toHaveLength(1)
  })

  test('are counted by size where PostgreSQL does not tell how many it has, so what runs in them goes on', () => {
    const free = { freeHugePages: 3, usedHugePages: 512 }
    const untold = { bytes: gibibyte, hugePages: null, isEstimate: true }
    const running = { bytes: gibibyte, hugePages: null, usesHugePages: true }
    expect(checkMemory(untold, 'on', running, { ...host, ...free }).refusals).toEqual([])
    const larger = { ...untold, bytes: 2 * gibibyte }
    expect(checkMemory(larger, 'on', running, { ...host, ...free }).refusals).toHaveLength(1)
  })

  test('of another size than the usual one are not held against the usual ones', () => {
    expect(check({ gibibytes: 8, pages: 8 }, { mode: 'on' })).toEqual({
      refusals: [],
      notes: ['its huge pages are not of the usual size, and were not counted'],
    })
  })

  test('that are tried and too few are told, because the server says nothing of it', () => {
    expect(check({ gibibytes: 8 }, { host: { freeHugePages: 100 } })).toEqual({
      refusals: [],
      notes: ['its shared memory takes 4096 huge pages, of which 100 would be free, so it would use none'],
    })
  })

  test('does not need what is available to others', () => {
    expect(check({ gibibytes: 8 }, { host: { freeHugePages: 4096, availableBytes: 0 } }).refusals).toEqual([])
  })
})

test("the host's figures are read in bytes, and reserved pages are not free", async () => {
  const root = mkdtempSync('/tmp/host-memory-')
  onTestFinished(() => rmSync(root, { recursive: true }))
  mkdirSync(join(root, 'proc/sys/vm'), { recursive: true })
  writeFileSync(join(root, 'proc/sys/vm/overcommit_memory'), '2\n')
  const lines = [
    'MemAvailable:    1000 kB',
    'CommitLimit:     3000 kB',
    'Committed_AS:    2000 kB',
    'HugePages_Total:      20',
    'HugePages_Free:       15',
    'HugePages_Rsvd:        5',
    'Hugepagesize:       2048 kB',
  ]
  writeFileSync(join(root, 'proc/meminfo'), lines.join('\n'))
  expect(await readHostMemory(root)).toEqual({
    availableBytes: 1_024_000,
    commitLimitBytes: 3_072_000,
    committedBytes: 2_048_000,
    isStrict: true,
    freeHugePages: 10,
    usedHugePages: 10,
    hugePageBytes: 2 << 20,
  })
})
