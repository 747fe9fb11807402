import { printSetting, printShare } from '../../../../common/tuning/print-size.ts'
import { settingBytes } from '../../recommend/setting-bytes.ts'
import { isWarm } from '../is-warm.ts'
import { nothing } from '../rule.ts'
import type { Rule } from '../rule.ts'
import { checkpointCounts } from './checkpoint-counts.ts'
import { constants } from './constants.ts'

export const checkpointFlushes: Rule = {
  id: 'W3',
  what: 'checkpoints that end with a long flush',
  advise({ evidence, situation, host }) {
    const counts = checkpointCounts(evidence)
    const syncMs = evidence.increase('checkpoints.sync_ms')
    const writeMs = evidence.increase('checkpoints.write_ms')
    if (!isWarm(evidence) || counts === undefined || syncMs === undefined || writeMs === undefined)
      return nothing
    if (counts.all < constants.checkpoints) return nothing
    const each = syncMs / counts.all
    const isLong = each > constants.checkpointSyncMs
    const isLarge =
      syncMs > constants.checkpointSyncShare * writeMs && each > constants.checkpointSyncNoticedMs
    if (!isLong && !isLarge) return nothing

    const ofWriting = writeMs === 0 ? '' : `, ${printShare(syncMs / writeMs)} of the time of its writing`
    const seen = `a checkpoint flushes for ${(each / 1000).toFixed(1)} s at its end (of ${counts.all})${ofWriting}: the kernel had kept what was written`
    const now = settingBytes(situation, 'checkpoint_flush_after')
    // 0 leaves it to the kernel; somebody has chosen that.
    const next = now === undefined || now === 0 ? undefined : Math.max(constants.flushAfterBytes, now * 2)
    return {
      drafts:
        next === undefined || next > constants.flushAfterMostBytes
          ? []
          : [
              {
                parameter: 'checkpoint_flush_after',
                proposed: printSetting(next),
                reason: `${seen}, and is asked for it after each ${printSetting(now ?? 0)}`,
                evidence:
                  'increase(pg_checkpointer_sync_time[1d]) / increase(pg_checkpointer_write_time[1d])',
                risk: 'none but that it may not help: what the kernel does with larger requests depends on the disk',
                effect:
                  'the kernel gets fewer and larger requests while a checkpoint writes, so that less is left for its end',
                confidence: 'low',
              },
            ],
      notes: host.isContainer
        ? []
        : [
            `${seen}; it keeps less with a vm.dirty_background_bytes of 64MB to 256MB, and vm.dirty_bytes of four times that`,
          ],
    }
  },
}
