import { printAbout, printSetting, printShare } from '../../../../common/tuning/print-size.ts'
import { settingOf } from '../../recommend/situation.ts'
import { isWarm } from '../is-warm.ts'
import { nothing } from '../rule.ts'
import type { Rule, RuleInput } from '../rule.ts'
import { archiveTrouble } from './archive-trouble.ts'
import { checkpointCounts } from './checkpoint-counts.ts'
import type { CheckpointCounts } from './checkpoint-counts.ts'
import { constants } from './constants.ts'
import { draftWalSize, walRateQuery } from './draft-wal-size.ts'
import { walSizeFor } from './wal-size.ts'
import type { WalSize } from './wal-size.ts'

export const walSizeByRate: Rule = {
  id: 'W1',
  what: 'checkpoints that come because WAL is full',
  advise(input) {
    const full = earlyCheckpoints(input)
    if (full === undefined) return nothing
    const { counts, size, timeoutSeconds } = full
    const seen = `${printShare(counts.requestedShare)} of ${counts.all} checkpoints came before they were due: ${printAbout(size.bytesPerSecond)} of WAL per second at the peak need ${printAbout(size.neededBytes)} to make ${timeoutSeconds} s, and max_wal_size is ${printSetting(size.currentBytes)}`
    const trouble = archiveTrouble(input.evidence)
    if (trouble !== undefined) {
      return {
        drafts: [],
        notes: [`${seen}, but it has to stay while ${trouble}: the disk fills up with the same WAL`],
      }
    }
    if (size.bytes <= size.currentBytes) {
      return { drafts: [], notes: [`${seen}, but it may not be more than ${size.bound ?? 'that'}`] }
    }
    return {
      drafts: draftWalSize(input, size, {
        reason: size.bound === undefined ? seen : `${seen}; for now no more than ${size.bound}`,
        evidence: `increase(pg_checkpointer_req[1d]) beside increase(pg_checkpointer_timed[1d]), and ${walRateQuery}`,
        effect:
          'less than 5 % of the checkpoints are requested on the next day, and fewer whole pages are written into WAL',
      }),
      notes: [],
    }
  },
}

/** Checkpoints before their time for which WAL is the reason; undefined where they are due, or asked for by commands. */
export function earlyCheckpoints(
  input: RuleInput,
):
  { readonly counts: CheckpointCounts; readonly size: WalSize; readonly timeoutSeconds: number } | undefined {
  const { evidence, situation } = input
  const timeoutSeconds = settingOf(situation, 'checkpoint_timeout')
  const counts = checkpointCounts(evidence)
  // A standby makes restartpoints where its primary has made checkpoints.
  if (evidence.inRecovery || !isWarm(evidence) || timeoutSeconds === undefined || counts === undefined)
    return undefined
  if (counts.all < constants.checkpoints || counts.requestedShare <= constants.requestedShare)
    return undefined
  const size = walSizeFor(input, timeoutSeconds)
  // What else makes checkpoints: CHECKPOINT, base backups, CREATE DATABASE.
  if (size === undefined || size.neededBytes <= constants.walOfLimit * size.currentBytes) return undefined
  return { counts, size, timeoutSeconds }
}
