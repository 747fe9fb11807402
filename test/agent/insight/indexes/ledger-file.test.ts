import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { readLedger, writeLedger } from '../../../../agent/insight/indexes/ledger-file.ts'
import { advance } from '../../../../agent/insight/indexes/ledger.ts'

async function directory(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'ledger-'))
  onTestFinished(() => rm(made, { recursive: true, force: true }))
  return made
}

const ledger = advance(undefined, {
  system: '7000',
  databaseOid: 5,
  atMs: 1_790_000_000_000,
  resets: { databaseMs: null, serverMs: 1_780_000_000_000 },
  counts: true,
  oids: Uint32Array.of(101, 102, 4_000_000_000),
  scans: Float64Array.of(0, 7, 2 ** 40),
  fetched: Float64Array.of(0, 70, 2 ** 41),
  lastS: Uint32Array.of(0, 1_789_000_000, 0),
})

test('what was written is read again after a restart', async () => {
  const at = await directory()
  expect(await readLedger(at, 5)).toBeUndefined()
  await writeLedger(at, ledger)
  expect(await readLedger(at, 5)).toEqual(ledger)
  expect(await readLedger(at, 6)).toBeUndefined()
})

test('a file that was damaged is no ledger', async () => {
  const at = await directory()
  await writeLedger(at, ledger)
  const path = join(at, 'ledger-5')
  const text = await readFile(path, 'utf8')
  await writeFile(
    path,
    text.replace(/.\n/, (end) => (end.startsWith('}') ? `]\n` : end)),
  )
  await expect(readLedger(at, 5)).rejects.toMatchObject({ code: 'STORE_CORRUPT' })
  await writeFile(path, `${text.slice(0, -4)}AA=\n`)
  await expect(readLedger(at, 5)).rejects.toMatchObject({ code: 'STORE_CORRUPT' })
})
