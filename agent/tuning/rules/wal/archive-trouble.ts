import type { Evidence } from '../../evidence/evidence.ts'
import { constants } from './constants.ts'

/**
 * What is wrong with archiving, with its figures; undefined where nothing is. What is not archived stays in pg_wal, whatever max_wal_size is.
 */
export function archiveTrouble(evidence: Evidence): string | undefined {
  const failed = evidence.increase('archiver.failed') ?? 0
  const ready = evidence.last('archive_status.ready')
  const waiting = ready === undefined ? '' : `, and ${ready} segments wait`
  if (failed > 0 && evidence.last('archiver.is_failing') === 1) {
    return `archiving has failed ${failed} times and has not worked since${waiting}`
  }
  const usual = evidence.mean('archive_status.ready') ?? 0
  if (ready !== undefined && ready > constants.archiveBacklog && ready > usual) {
    return `${ready} segments wait for the archiver, more than the ${Math.round(usual)} that there were on average`
  }
  return undefined
}
