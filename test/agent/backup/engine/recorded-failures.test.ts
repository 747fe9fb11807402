import { describe, expect, test } from 'vitest'
import { classify, classifyText } from '../../../../agent/backup/engine/classify.ts'
import { createComplaints } from '../../../../agent/backup/engine/messages.ts'
import type { BackupProblem } from '../../../../common/backup/backup-problem.ts'
import { parseInfo } from '../../../../common/backup/pgbackrest-info.ts'
import { readFixture } from '../fixture.ts'

/** What the real program said in the faults of the test bed. */
const failures: Readonly<Record<string, BackupProblem>> = {
  'backup-archiving-fails': 'archive-missing',
  'backup-directory-forbidden': 'repository-denied',
  'backup-directory-unmounted': 'stanza-missing',
  'backup-foreign-archive-command': 'configuration',
  'backup-full-clock-back': 'other',
  'backup-repository-full': 'repository-full',
  'backup-s3-403': 'repository-denied',
  'backup-s3-500': 'repository-unreachable',
  'backup-s3-503': 'repository-unreachable',
  'backup-s3-frozen': 'repository-unreachable',
  'backup-s3-stopped': 'repository-unreachable',
  'backup-s3-unknown-host': 'repository-unreachable',
  'backup-s3-wrong-bucket': 'stanza-missing',
  'backup-s3-wrong-ca': 'configuration',
  'backup-s3-wrong-key': 'repository-denied',
  'backup-s3-wrong-key-secret': 'repository-denied',
  'backup-unknown-option': 'configuration',
  'backup-wrong-pass': 'cipher',
  'backup-wrong-value': 'configuration',
  'check-archiving-fails': 'archive-missing',
  'check-repository-full': 'archive-missing',
  'check-s3-frozen': 'repository-unreachable',
  'check-server-down': 'server-unreachable',
  'check-wrong-pass': 'cipher',
  'restore-flipped-gz': 'checksum',
  'restore-flipped-lz4': 'checksum',
  'restore-flipped-none': 'checksum',
  'restore-flipped-zst': 'checksum',
  'restore-no-time': 'configuration',
  'restore-not-empty': 'other',
  'restore-running': 'other',
  'restore-scratch-full': 'scratch-full',
  'restore-time-before': 'target-unreachable',
  'restore-unknown-set': 'target-unreachable',
}

const place = { stanza: 'pg-main', configFile: '/etc/pgbackrest/pgbackrest.conf' }

describe('pgBackRest that ended with an error', () => {
  test.each(Object.entries(failures))('%s is %s', (name, problem) => {
    const { command, status, stderr } = readFixture(name)
    const said = createComplaints()
    for (const line of stderr.split('\n')) said.take(line)
    const failure = classify(command.split(' ', 1)[0]!, { status, signal: null, ...said.told() }, place)
    expect(failure).toMatchObject({ problem })
    expect(failure.message.length).toBeLessThan(1000)
  })
})

const infos: Readonly<Record<string, BackupProblem>> = {
  'info-directory-forbidden': 'repository-denied',
  'info-s3-403': 'repository-denied',
  'info-s3-500': 'repository-unreachable',
  'info-s3-503': 'repository-unreachable',
  'info-s3-frozen': 'repository-unreachable',
  'info-s3-stopped': 'repository-unreachable',
  'info-s3-unknown-host': 'repository-unreachable',
  'info-s3-wrong-bucket': 'configuration',
  'info-s3-wrong-ca': 'configuration',
  'info-s3-wrong-key': 'repository-denied',
  'info-wrong-pass': 'cipher',
}

describe('info, which ended with 0 all the same', () => {
  test.each(Object.entries(infos))('%s is %s', (name, problem) => {
    const message = parseInfo(readFixture(name).stdout)[0]?.repo[0]?.status.message ?? ''
    expect(classifyText('info', 'repository 1', message, place)).toMatchObject({ problem })
  })
})
