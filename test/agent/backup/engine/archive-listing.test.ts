import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { createArchiveLister } from '../../../../agent/backup/engine/archive-listing.ts'
import type { ArchiveLister } from '../../../../agent/backup/engine/archive-listing.ts'
import { systemClock } from '../../../../common/clock.ts'
import { createOwnDirectory } from '../../../../testbed/own-directory.ts'

/**
 * A script that answers for each path what is in a file of its name, in the place of pgBackRest, so that the questions can be
 * counted; that the answers are so is shown in backup-and-restore.pg.test.ts.
 */
let directory: string
let lister: ArchiveLister
let nowMs: number

beforeEach(() => {
  const own = createOwnDirectory({ prefix: 'pgherd-archive-listing-' })
  directory = own.path
  onTestFinished(() => own[Symbol.dispose]())
  const file = join(directory, 'pgbackrest')
  const body = `cd ${directory}/answers; echo "$3 $4" >> ../asked
case "$*" in *--recurse*) cat all;; *) cat "$(echo "$4" | tr / _)";; esac`
  writeFileSync(file, `#!/bin/sh\n${body}\n`)
  chmodSync(file, 0o755)
  mkdirSync(join(directory, 'answers'))
  nowMs = 1_000_000
  lister = createArchiveLister({
    ...{ command: [file], configFile: '/none', stanza: 'pg-main', nice: 0 },
    clock: { ...systemClock, monotonic: () => nowMs, sleep: () => Promise.resolve() },
  })
})

const checksum = '7b244f85ab34906dcbb417d203f3e3fb06bd9103'
const files = (...names: readonly string[]) =>
  Object.fromEntries(names.map((name) => [name, { type: 'file', size: 100, time: 1_795_772_173 }]))
const paths = (...names: readonly string[]) =>
  Object.fromEntries(names.map((name) => [name, { type: 'path' }]))
const segment = (log: string, low: string): string => `00000001${log}${low}-${checksum}.lz4`

function answer(path: string, content: unknown): void {
  const text = typeof content === 'string' ? content : JSON.stringify(content)
  writeFileSync(
    join(directory, 'answers', path === '*' ? 'all' : `archive/pg-main/15-1${path}`.replaceAll('/', '_')),
    text,
  )
}

async function list(more: { readonly firstSegment?: string; readonly isFresh?: boolean } = {}) {
  writeFileSync(join(directory, 'asked'), '')
  const { firstSegment = null, isFresh = false } = more
  const { signal } = new AbortController()
  const found = await lister.list({ repository: 1, archiveId: '15-1', firstSegment }, { signal, isFresh })
  const asked = readFileSync(join(directory, 'asked'), 'utf8').trim().split('\n')
  return { found, asked: asked.map((line) => line.replace('archive/pg-main/15-1', '')) }
}

const logs = ['00000000', '00000001', '00000002'] as const
const threeLogs = (): void => {
  answer('', paths('.', ...logs.map((log) => `00000001${log}`)))
  for (const log of logs) answer(`/00000001${log}`, files(segment(log, '00000001')))
}
const names = logs.map((log) => `00000001${log}00000001`)

describe('an archive', () => {
  test('is listed with all its directories at first, and then with the one that is written to', async () => {
    threeLogs()
    expect((await list()).asked).toEqual(['repo-ls ', ...logs.map((log) => `repo-ls /00000001${log}`)])
    answer('/0000000100000002', files(segment('00000002', '00000001'), segment('00000002', '00000002')))
    const { asked, found } = await list()
    expect(asked).toEqual(['repo-ls ', 'repo-ls /0000000100000002'])
    expect(found.segments.map(({ name }) => name)).toEqual([...names, '000000010000000200000002'])
  })

  test('is looked at again where its first segment is, because there it expires', async () => {
    threeLogs()
    await list()
    expect((await list({ firstSegment: '000000010000000000000001' })).asked).toContain(
      'repo-ls /0000000100000000',
    )
  })

  test('is looked at again everywhere after an hour, and whenever it is to be fresh', async () => {
    threeLogs()
    await list()
    expect((await list({ isFresh: true })).asked).toHaveLength(4)
    nowMs += 3_600_000
    expect((await list()).asked).toHaveLength(4)
  })

  test('loses what is not there any more', async () => {
    threeLogs()
    await list()
    answer('', paths('.', '0000000100000001', '0000000100000002'))
    expect((await list()).found.segments.map(({ name }) => name)).toEqual(names.slice(1))
  })

  test('of many directories is listed with one question', async () => {
    const many = ['A', 'B', 'C', 'D', 'E', 'F'].map((digit) => `000000010000000${digit}`)
    answer('', paths('.', ...many))
    answer('*', {
      ...paths('.', ...many),
      ...files(...many.map((name) => `${name}/${name}00000001-${checksum}.gz`)),
    })
    const { asked, found } = await list()
    expect(asked).toHaveLength(2)
    expect(found.segments.map(({ name }) => name)).toEqual(many.map((name) => `${name}00000001`))
  })

  test('has sizes and times of its segments, and no other files', async () => {
    answer('', paths('.', '0000000100000000'))
    const partial = `000000010000000000000003.partial-${checksum}.lz4`
    answer(
      '/0000000100000000',
      files(segment('00000000', '00000002'), '000000010000000000000002.00000028.backup', partial),
    )
    const { found } = await list()
    expect(found.segments).toEqual([
      { name: '000000010000000000000002', archivedMs: 1_795_772_173_000, sizeBytes: 100 },
    ])
    expect(found.sizeBytes).toBe(100)
  })

  test('does not count a segment that is there twice, and names it', async () => {
    answer('', paths('.', '0000000100000000'))
    const other = segment('00000000', '00000002').replace(checksum, checksum.replace('7', '8'))
    answer('/0000000100000000', files(segment('00000000', '00000002'), other))
    const { found } = await list()
    expect(found).toMatchObject({ segments: [], twice: ['000000010000000000000002'] })
  })

  test('tells where timelines were left, and asks for that once', async () => {
    answer('', { ...paths('.'), ...files('00000002.history') })
    answer('/00000002.history', '1\t0/5000060\tno recovery target specified\n')
    const { asked, found } = await list()
    expect(asked).toEqual(['repo-ls ', 'repo-get /00000002.history'])
    expect(found.histories).toEqual(new Map([[2, [{ timeline: 1, lsn: '0/5000060' }]]]))
    expect((await list()).asked).toEqual(['repo-ls '])
  })
})
