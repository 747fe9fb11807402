import { describe, expect, test } from 'vitest'
import { classify, classifyText } from '../../../../agent/backup/engine/classify.ts'
import { createComplaints } from '../../../../agent/backup/engine/messages.ts'
import type { BackupProblem } from '../../../../common/backup/backup-problem.ts'

const place = { stanza: 'pg-main', configFile: '/etc/pgbackrest/pgbackrest.conf' }

function judge(command: string, status: number, text: string) {
  const said = createComplaints()
  for (const line of text.split('\n')) said.take(line)
  return classify(command, { status, signal: null, ...said.told() }, place)
}

test.each([
  [
    'a certificate that does not name the address',
    'configuration',
    56,
    `WARN: unable to check pg2: [CryptoError] unable to find hostname '10.0.0.2' in certificate common name or subject alternative names
ERROR: [056]: unable to find primary cluster - cannot proceed`,
    'is to name the address in members among its DNS names',
  ],
  [
    'one that is off',
    'server-unreachable',
    56,
    `WARN: unable to check pg2: [HostConnectError] unable to connect to '10.0.0.2:8432': [111] Connection refused
ERROR: [056]: unable to find primary cluster - cannot proceed`,
    "another member's pgbackrest server does not answer",
  ],
  [
    'one that goes away in the middle',
    'server-unreachable',
    101,
    'ERROR: [101]: TLS error [1:167772454] unexpected eof while reading',
    "another member's pgbackrest server does not answer",
  ],
  [
    'one that is off, which is not why it fails',
    'archive-missing',
    82,
    `WARN: unable to check pg2: [HostConnectError] unable to connect to '10.0.0.2:8432': [111] Connection refused
ERROR: [082]: WAL segment 000000010000000000000005 was not archived before the 60000ms timeout`,
    'did not reach the archive in time',
  ],
])('of another member, which a standby asks: %s', (_what, problem, status, text, said) => {
  const complaints = createComplaints()
  for (const line of text.split('\n')) complaints.take(line)
  const local = { ...place, isLocal: true }
  const failure = classify('backup', { status, signal: null, ...complaints.told() }, local)
  expect([failure.problem, failure.message]).toEqual([problem, expect.stringContaining(said)])
})

const archiveHints = `
       HINT: archive.info cannot be opened but is required to push/get WAL segments.
       HINT: is archive_command configured correctly in postgresql.conf?
       HINT: has a stanza-create been performed?`

/** What pgBackRest 2.45 said; paths made shorter. */
const outcomes: readonly (readonly [string, BackupProblem, string, number, string])[] = [
  [
    'a lock of this host',
    'locked',
    'backup',
    50,
    `ERROR: [050]: unable to acquire lock on file '/tmp/pgbackrest/pg-main-backup.lock': Resource temporarily unavailable
       HINT: is another pgBackRest process running?`,
  ],
  [
    'the lock on the primary',
    'locked',
    'backup',
    50,
    `ERROR: [050]: unable to acquire pgBackRest advisory lock
       HINT: is another pgBackRest backup already running on this cluster?`,
  ],
  [
    'a disk without room',
    'repository-full',
    'backup',
    64,
    `ERROR: [064]: unable to write '/backup/pg-main/20261127-094426F/backup.manifest.copy.pgbackrest.tmp': [28] No space left on device`,
  ],
  [
    'a disk without room where it restores to',
    'scratch-full',
    'restore',
    64,
    `ERROR: [064]: unable to write '/scratch/data/base/5/1259': [28] No space left on device`,
  ],
  [
    'a backup that is deleted while it is restored',
    'target-unreachable',
    'restore',
    55,
    `ERROR: [055]: raised from local-1 protocol: unable to open missing file '/r/backup/pg-main/20261127-135648F/pg_data/base/5/16405.lz4' for read
       [FileMissingError] on retry after 0ms
       [FileMissingError] on retry after 15000ms`,
  ],
  [
    'a directory that may not be read',
    'repository-denied',
    'check',
    41,
    `ERROR: [041]: unable to load info file '/r/archive/pg-main/archive.info' or '/r/archive/pg-main/archive.info.copy':
       FileOpenError: unable to open file '/r/archive/pg-main/archive.info' for read: [13] Permission denied${archiveHints}`,
  ],
  [
    'an empty place',
    'stanza-missing',
    'backup',
    55,
    `ERROR: [055]: unable to load info file '/r/backup/pg-main/backup.info' or '/r/backup/pg-main/backup.info.copy':
       FileMissingError: unable to open missing file '/r/backup/pg-main/backup.info' for read
       HINT: backup.info cannot be opened and is required to perform a backup.`,
  ],
  [
    'an empty place, of which a warning tells',
    'stanza-missing',
    'restore',
    75,
    `WARN: repo1: [FileMissingError] unable to load info file '/r/backup/pg-main/backup.info' or '/r/backup/pg-main/backup.info.copy':
      FileMissingError: unable to open missing file '/r/backup/pg-main/backup.info' for read
ERROR: [075]: no backup set found to restore`,
  ],
  [
    'an empty place, of which an error of one repository tells',
    'stanza-missing',
    'expire',
    104,
    `ERROR: [055]: repo1: unable to load info file '/r/backup/pg-main/backup.info' or '/r/backup/pg-main/backup.info.copy':
       FileMissingError: unable to open missing file '/r/backup/pg-main/backup.info' for read
ERROR: [104]: expire command encountered 1 error(s), check the log file for details`,
  ],
  [
    'no configuration',
    'configuration',
    'backup',
    55,
    `ERROR: [055]: unable to open missing file '/etc/pgbackrest/pgbackrest.conf' for read`,
  ],
  ['an option that is none', 'configuration', 'backup', 31, `ERROR: [031]: invalid option '--foo'`],
  [
    'a repository that is not configured',
    'configuration',
    'backup',
    32,
    `ERROR: [032]: key '7' is not valid for 'repo' option`,
  ],
  [
    'another pass',
    'cipher',
    'backup',
    29,
    `ERROR: [029]: unable to load info file '/r/backup/pg-main/backup.info' or '/r/backup/pg-main/backup.info.copy':
       FormatError: key/value found outside of section at line 1: {\uFFFD(\uFFFD\uFFFDJ&D
       HINT: backup.info cannot be opened and is required to perform a backup.`,
  ],
  [
    'another pass, of which a warning tells',
    'cipher',
    'restore',
    75,
    `WARN: repo2: [FormatError] unable to load info file '/r/backup/pg-main/backup.info' or '/r/backup/pg-main/backup.info.copy':
      FormatError: key/value found outside of section at line 1: {\uFFFD(
ERROR: [075]: no backup set found to restore`,
  ],
  [
    'a damaged list of backups',
    'checksum',
    'backup',
    29,
    `ERROR: [029]: unable to load info file '/r/backup/pg-main/backup.info' or '/r/backup/pg-main/backup.info.copy':
       FormatError: invalid JSON value at line 3 'backrest-version="2.4XX': expected '"' but found null delimiter`,
  ],
  [
    'an empty list of the archive',
    'checksum',
    'backup',
    26,
    `ERROR: [026]: unable to load info file '/r/archive/pg-main/archive.info' or '/r/archive/pg-main/archive.info.copy':
       ChecksumError: invalid checksum, actual '8a456f046f11cb56504a01eb76372f239788d018' but no checksum found${archiveHints}`,
  ],
  [
    'an object store that is down',
    'repository-unreachable',
    'backup',
    49,
    `ERROR: [049]: unable to load info file '/r/backup/pg-main/backup.info' or '/r/backup/pg-main/backup.info.copy':
       HostConnectError: unable to connect to 's3.test:443': [111] Connection refused
       HINT: has a stanza-create been performed?`,
  ],
  [
    'a server that is down',
    'server-unreachable',
    'backup',
    56,
    `WARN: unable to check pg1: [DbConnectError] unable to connect to 'dbname='postgres' port=5432 user='postgres'': connection to server on socket "/run/.s.PGSQL.5432" failed: Connection refused
ERROR: [056]: unable to find primary cluster - cannot proceed
       HINT: are all available clusters in recovery?`,
  ],
  [
    'a server that is down, as check tells it',
    'server-unreachable',
    'check',
    27,
    `WARN: unable to check pg1: [DbConnectError] unable to connect to 'dbname='postgres' port=5432': connection to server on socket "/run/.s.PGSQL.5432" failed: No such file or directory
ERROR: [027]: no database found
       HINT: check indexed pg-path/pg-host configurations`,
  ],
  [
    'a cluster without a primary',
    'server-unreachable',
    'backup',
    56,
    `ERROR: [056]: unable to find primary cluster - cannot proceed`,
  ],
  [
    'another database system',
    'stanza-mismatch',
    'backup',
    51,
    `ERROR: [051]: PostgreSQL version 15, system-id 7712784592993410914 do not match stanza version 15, system-id 7712782735625996207
       HINT: is this the correct stanza?`,
  ],
  [
    'another database system, as stanza-create tells it',
    'stanza-mismatch',
    'stanza-create',
    28,
    `ERROR: [028]: backup and archive info files exist but do not match the database
       HINT: is this the correct stanza?`,
  ],
  [
    'another version of PostgreSQL',
    'version-mismatch',
    'backup',
    51,
    `ERROR: [051]: PostgreSQL version 16, system-id 7712784592993410914 do not match stanza version 15, system-id 7712782735625996207`,
  ],
  [
    'a segment that is not archived',
    'archive-missing',
    'check',
    82,
    `ERROR: [082]: WAL segment 000000010000000000000014 was not archived before the 60000ms timeout
       HINT: check the archive_command to ensure that all options are correct (especially --stanza).`,
  ],
  [
    'a server that does not archive',
    'configuration',
    'backup',
    68,
    `WARN: no prior backup exists, incr backup has been changed to full
ERROR: [068]: archive_command '' must contain pgbackrest`,
  ],
  ['pgbackrest stop', 'configuration', 'backup', 62, 'ERROR: [062]: stop file exists for stanza pg-main'],
  [
    'a target before the first backup',
    'target-unreachable',
    'restore',
    75,
    `ERROR: [075]: unable to find backup set with stop time less than '2020-01-01 00:00:00+00'`,
  ],
  [
    'a directory that is not empty',
    'other',
    'restore',
    40,
    `ERROR: [040]: unable to restore to path '/data' because it contains files`,
  ],
  ['sudo without a right', 'configuration', 'info', 1, 'sudo: a password is required'],
  [
    'nice that finds no program',
    'configuration',
    'info',
    127,
    "nice: 'pgbackrest': No such file or directory",
  ],
]

describe('what pgBackRest fails of', () => {
  test.each(outcomes)('%s is %s', (_, problem, command, status, text) => {
    expect(judge(command, status, text)).toMatchObject({ problem })
  })

  test('is told in one line: what happened, what to do, and its own words', () => {
    const { message } = judge(
      'check',
      82,
      outcomes.find(([what]) => what === 'a segment that is not archived')![4],
    )
    expect(message).toBe(
      "pgBackRest's check (status 82): a segment of WAL did not reach the archive in time; look at archive_command in the server's log " +
        '(WAL segment 000000010000000000000014 was not archived before the 60000ms timeout)',
    )
  })

  test('is told by the warning where the error says only that there was something', () => {
    const { message } = judge(
      'restore',
      75,
      outcomes.find(([what]) => what.startsWith('another pass, of which'))![4],
    )
    expect(message).toContain('(repo2: [FormatError] unable to load')
  })

  test('has nothing that looks like a secret', () => {
    const { message } = judge(
      'backup',
      32,
      "ERROR: [032]: 'sesame' is not valid for 'repo1-cipher-pass' option",
    )
    expect(message).not.toContain('sesame')
  })

  test('has no characters of encrypted files', () => {
    const { message } = judge(
      'backup',
      29,
      'ERROR: [029]: key/value found outside of section at line 1: \u0007a\uFFFD\u001b[31m',
    )
    expect(message).not.toMatch(/[\u0000-\u001f\uFFFD]/)
  })

  test('by a signal is told as that', () => {
    const answer = { status: null, signal: 'SIGKILL' as const, complaints: [], stray: [] }
    expect(classify('backup', answer, place)).toMatchObject({ problem: 'other', message: /ended by SIGKILL/ })
  })
})

describe('what info says of a repository, although it ends with 0', () => {
  test.each([
    [
      "[PathOpenError] unable to list file info for path '/r/backup': [13] Permission denied",
      'repository-denied',
    ],
    [
      "[HostConnectError] unable to connect to 's3.test:443': [111] Connection refused",
      'repository-unreachable',
    ],
    ["[FileReadError] timeout after 1000ms waiting for read from 's3.test:443'", 'repository-unreachable'],
    [
      "[CryptoError] unable to verify certificate presented by 's3.test:443': [18] self-signed certificate",
      'configuration',
    ],
    ['[ProtocolError] HTTP request failed with 403 (Forbidden)', 'repository-denied'],
    [
      "[FormatError] unable to load info file '/r/backup.info' or '/r/backup.info.copy':\nFormatError: key/value found outside of section at line 1: {",
      'cipher',
    ],
  ])('%s is %s', (text, problem) => {
    expect(classifyText('info', 'repository 1', text, place)).toMatchObject({ problem })
  })
})
