import { BackupFailure } from '../backup-failure.ts'

/** Why backup work cannot be done yet. */
export function notReady(cluster: string, problem: string | undefined): BackupFailure {
  const why = problem ?? 'the server was not found yet'
  return new BackupFailure('server-unreachable', `no backup work of ${cluster} can be done yet: ${why}`)
}
