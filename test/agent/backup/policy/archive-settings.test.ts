import { expect, test } from 'vitest'
import { archiveSettings } from '../../../../agent/backup/policy/archive-settings.ts'
import { fileOf, policyOf } from './policy-facts.ts'

const wanted = archiveSettings(policyOf(fileOf()), '/usr/bin/pgbackrest')
const command =
  '/usr/bin/pgbackrest --config=/etc/pgbackrest/pgbackrest.conf --stanza=pg-main archive-push "%p"'
const right = { wal_level: 'replica', archive_mode: 'on', archive_command: command, archive_library: '' }

test('a server is to archive by the configuration and the stanza of its policy', () => {
  expect(Object.fromEntries(wanted.map(({ name, value }) => [name, value]))).toEqual(right)
})

test('blanks, quotes and percent signs of a path come through the shell and PostgreSQL', () => {
  const policy = policyOf(fileOf(`config_file: "/etc/it's 100%/pgbackrest.conf"`))
  expect(archiveSettings(policy, 'pgbackrest')[2]?.value).toBe(
    `pgbackrest '--config=/etc/it'\\''s 100%%/pgbackrest.conf' --stanza=pg-main archive-push "%p"`,
  )
})

test.each([
  { lines: ['archive: {managed: false}'] },
  { lines: ['config: existing'] },
  { lines: ['engine: pg_basebackup'] },
])('nothing is to be set with $lines', ({ lines }) => {
  expect(archiveSettings(policyOf(fileOf(...lines)), 'pgbackrest')).toEqual([])
})

test("what is there is as good, or is somebody else's", () => {
  const [level, mode, byCommand, library] = wanted
  expect(['minimal', 'replica', 'logical'].map((value) => level?.isMetBy(value))).toEqual([false, true, true])
  // pgBackRest refuses `always`.
  expect(['off', 'on', 'always'].map((value) => mode?.isMetBy(value))).toEqual([false, true, false])
  expect(['', 'cp %p /mnt/%f'].map((value) => byCommand?.isForeign?.(value))).toEqual([false, true])
  expect(['', 'basic_archive'].map((value) => library?.isForeign?.(value))).toEqual([false, true])
})
