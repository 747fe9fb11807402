import { BackupFailure } from '../backup-failure.ts'
import { describeTarget } from '../drill/recovery-end.ts'
import type { TargetRequest } from '../engine.ts'
import type { BackupRecord } from './backup-record.ts'
import type { BasebackupOptions } from './options.ts'
import { currentRecords, readRepository } from './repository.ts'

/**
 * The newest backup without bad pages, or the newest, whose end is the only point that it leads to.
 * @throws BackupFailure target-unreachable
 */
export async function chooseRecord(
  { directory }: Pick<BasebackupOptions, 'directory'>,
  { target, label, timeline }: TargetRequest,
): Promise<BackupRecord> {
  const unreachable = (text: string): BackupFailure => new BackupFailure('target-unreachable', text)
  if (target.kind !== 'latest' && target.kind !== 'immediate') {
    const what = describeTarget(target)
    throw unreachable(
      `${what} cannot be reached: pg_basebackup archives no log, so only the end of a backup can be restored`,
    )
  }
  const records = currentRecords(await readRepository(directory))
  const record =
    label === undefined
      ? (records.findLast(({ errors }) => errors.length === 0) ?? records.at(-1))
      : records.find((one) => one.label === label)
  if (record === undefined) {
    throw unreachable(label === undefined ? 'there is no backup' : `there is no backup ${label}`)
  }
  if (timeline !== undefined && !['latest', 'current', String(record.timeline)].includes(timeline)) {
    throw unreachable(
      `backup ${record.label} is on timeline ${record.timeline}, and does not lead to ${timeline}`,
    )
  }
  return record
}
