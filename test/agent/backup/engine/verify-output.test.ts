import { expect, test } from 'vitest'
import { createVerifyReader } from '../../../../agent/backup/engine/verify-output.ts'
import { readFixture } from '../fixture.ts'

function read(text: string) {
  const reader = createVerifyReader()
  for (const line of text.split('\n')) reader.take(line)
  return reader.end()
}

test('a verify that finds nothing counts what it looked at', () => {
  expect(read(readFixture('verify-ok').stdout)).toMatchObject({ isOk: true, wal: 7, backups: 1, faults: [] })
})

test('a damaged file is a fault of its backup', () => {
  const { isOk, faults } = read(readFixture('verify-flipped-lz4').stdout)
  expect({ isOk, faults }).toEqual({ isOk: false, faults: ['backup 20261127-101049F: 1 checksum invalid'] })
})

test('a damaged segment is a fault of the archive', () => {
  const { isOk, faults } = read(readFixture('verify-flipped-wal').stdout)
  expect({ isOk, faults }).toEqual({ isOk: false, faults: ['WAL of 15-1: 1 other'] })
})

test('a repository that cannot be read is a fault', () => {
  expect(read(readFixture('verify-s3-403').stdout)).toMatchObject({
    isOk: false,
    faults: ['No usable backup.info file', 'No usable archive.info file'],
  })
})

test('nothing at all is not ok', () => {
  expect(read('')).toMatchObject({ isOk: false, faults: [] })
})

test('the files are named by the log beside it, which has the answer once more', () => {
  const text = `P01   INFO: file missing '20261127-093948F/pg_data/base/5/1249.lz4'
P01   INFO: invalid checksum '20261127-094007F/pg_data/base/5/1259.lz4'
P00   INFO: stanza: demo
            status: error
              backup: 20261127-094007F, status: invalid, total files checked: 977, total valid files: 975
                missing: 1, checksum invalid: 1
stanza: demo
status: error
  backup: 20261127-094007F, status: invalid, total files checked: 977, total valid files: 975
    missing: 1, checksum invalid: 1`
  expect(read(text)).toEqual({
    ...{ isOk: false, wal: 0, backups: 1, files: 977 },
    faults: ['backup 20261127-094007F: 1 missing', 'backup 20261127-094007F: 1 checksum invalid'],
    examples: [
      "file missing '20261127-093948F/pg_data/base/5/1249.lz4'",
      "invalid checksum '20261127-094007F/pg_data/base/5/1259.lz4'",
    ],
  })
})
