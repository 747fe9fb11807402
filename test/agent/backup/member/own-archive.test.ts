import { expect, test } from 'vitest'
import { withOwnArchive } from '../../../../agent/backup/member/own-archive.ts'
import type { BackupEngine } from '../../../../agent/backup/engine.ts'
import type { Clock } from '../../../../common/clock.ts'

const segment = '000000010000000000000002'
const options = { signal: new AbortController().signal }
const made = { label: 'F', repository: 1, sizeBytes: 1, storedBytes: 1, errors: [] }

/** @param rows what pg_stat_archiver says, one after the other; @param segments of each repository */
function engineWith(rows: (readonly (string | null)[])[], segments: readonly (readonly string[])[]) {
  const engine = {
    backup: () => Promise.resolve(made),
    prepare: () => Promise.resolve(),
    list: () => Promise.resolve({ repositories: segments.map((names) => ({ segments: names })) }),
  } as unknown as BackupEngine & AsyncDisposable
  const ask = () =>
    Promise.resolve([rows.length > 1 ? rows.shift() : rows[0]].filter((row) => row !== undefined))
  const clock = { sleep: () => Promise.resolve() } as unknown as Clock
  return withOwnArchive(engine, { ask, clock, stanza: 'pg-main' })
}

const fails = [segment, 't', '3']

test('a backup whose segments are in the archive from another server is no backup', async () => {
  await expect(
    engineWith([[null, 'f', '0'], fails], [[segment]]).backup('full', options),
  ).rejects.toMatchObject({
    problem: 'stanza-mismatch',
    message: expect.stringMatching(
      /^backup F was made: archive_command .* fails for 0{7}10{15}2, .* stanza pg-main; end its archiving/,
    ) as string,
  })
})

test('nothing is made where that is known before', async () => {
  await expect(engineWith([fails], [[segment]]).backup('full', options)).rejects.toThrow(
    'no backup was made: archive_command',
  )
})

test('nor is a segment of another server a proof that archiving works, also where the archiver tries it later', async () => {
  const engine = engineWith([[null, 'f', '1'], fails], [[segment]])
  await expect(engine.prepare(options)).rejects.toMatchObject({ problem: 'stanza-mismatch' })
  await expect(engine.prepare(options, 'stanza')).resolves.toBeUndefined()
})

test.each([
  { what: 'the archiver has nothing left', rows: [[null, 'f', '0']], segments: [[segment]] },
  { what: 'one of two repositories did not take the segment', rows: [fails], segments: [[segment], []] },
  { what: 'it came through at the next attempt', rows: [fails, [segment, 'f', '0']], segments: [[segment]] },
  { what: 'the server is a standby', rows: [], segments: [[segment]] },
])('a backup is good where $what', async ({ rows, segments }) => {
  expect(await engineWith(rows, segments).backup('full', options)).toEqual(made)
})
