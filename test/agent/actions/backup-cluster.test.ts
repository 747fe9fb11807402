import { expect, test } from 'vitest'
import { backupRestore } from '../../../agent/actions/kinds/backup-restore.ts'
import { clusterOf } from '../../../agent/actions/backup/controls.ts'
import type { BackupControls } from '../../../agent/actions/backup/controls.ts'

/** Of an agent without a policy, for these reasons. */
const without = (isFileWrong: boolean, ...mistakes: readonly string[]) =>
  ({ clusters: [], mistakes, isFileWrong }) as unknown as BackupControls

test('an agent whose policy file has mistakes says so, with the first of them and where the others are', () => {
  const mistakes = ['backup.yaml:3: one', 'backup.yaml:4: two', 'backup.yaml:5: three', 'backup.yaml:6: four']
  expect(() => clusterOf(without(true, ...mistakes), 'pg-main')).toThrow(
    "this agent follows no policy of backups, because the policy file has mistakes: backup.yaml:3: one; backup.yaml:4: two; backup.yaml:5: three and 1 more, which are in the agent's log; correct the file, and reload the agent",
  )
})

test('one without a file says that there is no policy', () => {
  expect(() => clusterOf(without(false, '/etc/pgherd/backup.yaml is not there'), undefined)).toThrow(
    'this agent has no policy of backups (backup.policy_file); /etc/pgherd/backup.yaml is not there',
  )
})

test('a relative directory is refused in words, and not by a regular expression', () => {
  const { error } = backupRestore(undefined).args.safeParse({ into: 'restored' })
  expect(error?.issues.map(({ message }) => message)).toEqual([
    'is no absolute path; allowed: one such as /data/restored',
  ])
})
