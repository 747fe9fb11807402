import { describe, expect, test } from 'vitest'
import { archiveSettings, compareArchiveSettings } from '../../../../agent/backup/policy/archive-settings.ts'
import { fileOf, policyOf } from './policy-facts.ts'

const wanted = archiveSettings(policyOf(fileOf()), '/usr/bin/pgbackrest')
const command =
  '/usr/bin/pgbackrest --config=/etc/pgbackrest/pgbackrest.conf --stanza=pg-main archive-push "%p"'
const right = { wal_level: 'replica', archive_mode: 'on', archive_command: command, archive_library: '' }
const compare = (current: Readonly<Record<string, string>>) =>
  compareArchiveSettings(wanted, new Map(Object.entries({ ...right, ...current })))

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

describe('what a server has otherwise', () => {
  test('is nothing when all is right, also before PostgreSQL 15, which has no archive_library', () => {
    expect(compare({ wal_level: 'logical' })).toEqual([])
    const older = Object.entries(right).filter(([name]) => name !== 'archive_library')
    expect(compareArchiveSettings(wanted, new Map(older))).toEqual([])
  })

  test('needs a restart to begin with archiving', () => {
    expect(compare({ archive_mode: 'off', archive_command: '(disabled)' })).toEqual([
      {
        name: 'archive_mode',
        is: 'off',
        wanted: 'on',
        needsRestart: true,
        text: 'archive_mode is off and becomes on after a restart',
      },
      expect.objectContaining({ name: 'archive_command', needsRestart: false }),
    ])
  })

  test('is archive_mode=always, which pgBackRest refuses', () => {
    expect(compare({ archive_mode: 'always' })).toMatchObject([{ name: 'archive_mode', wanted: 'on' }])
  })

  test("says when somebody else's command ends", () => {
    expect(compare({ archive_command: 'cp %p /mnt/%f' })[0]?.text).toMatch(
      /^archive_command is cp %p \/mnt\/%f and becomes .* with a reload; what archives now ends$/,
    )
  })

  test('is a library, with which archive_command may not be', () => {
    expect(compare({ archive_library: 'basic_archive' })).toMatchObject([
      { name: 'archive_library', wanted: '' },
    ])
  })
})
