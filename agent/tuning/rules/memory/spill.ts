import { printAbout, printShare } from '../../../../common/tuning/print-size.ts'
import type { Evidence } from '../../evidence/evidence.ts'
import { constants } from './constants.ts'

/** How much is written to temporary files. */
export interface Spill {
  readonly bytesPerHour: number
  /** Of one file, in the mean. */
  readonly fileBytes: number
  /** A clause with the figures. */
  readonly told: string
  readonly evidence: string
}

/** Undefined where it is not worth a change. */
export function spillOf(evidence: Evidence): Spill | undefined {
  const rate = evidence.perSecond('database.temp_bytes')
  const bytes = evidence.increase('database.temp_bytes')
  const files = evidence.increase('database.temp_files')
  if (rate === undefined || bytes === undefined || files === undefined || files === 0) return undefined
  const bytesPerHour = rate * 3600
  const share = timeShare(evidence)
  const takesTime = share !== undefined && share > constants.tempTimeShare && files >= constants.tempFiles
  if (bytesPerHour <= constants.tempBytesPerHour && !takesTime) return undefined
  const fileBytes = bytes / files
  const time = takesTime ? `, which takes ${printShare(share)} of the time of all statements` : ''
  return {
    bytesPerHour,
    fileBytes,
    told: `${printAbout(bytesPerHour)} an hour go to temporary files of ${printAbout(fileBytes)} in the mean${time}`,
    evidence: takesTime
      ? 'pg_stat_database.temp_bytes, temp_files; pg_stat_statements.temp_blk_read_time + temp_blk_write_time'
      : 'pg_stat_database.temp_bytes, temp_files',
  }
}

function timeShare(evidence: Evidence): number | undefined {
  const read = evidence.increase('statements.temp_read_time')
  const write = evidence.increase('statements.temp_write_time')
  const all = evidence.increase('statements.exec_time')
  return read === undefined || write === undefined || all === undefined || all === 0
    ? undefined
    : (read + write) / all
}
