import { printAbout, printSetting, printShare } from '../../../../common/tuning/print-size.ts'
import { settingOf } from '../../recommend/situation.ts'
import { isWarm } from '../is-warm.ts'
import { nothing } from '../rule.ts'
import type { Rule } from '../rule.ts'
import { archiveTrouble } from './archive-trouble.ts'
import { checkpointCounts } from './checkpoint-counts.ts'
import { constants } from './constants.ts'
import { draftWalSize } from './draft-wal-size.ts'
import { fullPages } from './full-pages.ts'
import { walSizeFor } from './wal-size.ts'

const evidenceQuery = 'increase(pg_wal_fpi[1d]) * 8192 / increase(pg_wal_bytes[1d])'

export const timeoutByFullPages: Rule = {
  id: 'W2',
  what: 'WAL that consists of whole pages, because checkpoints are close together',
  advise(input) {
    const { evidence, situation } = input
    const now = settingOf(situation, 'checkpoint_timeout')
    const pages = fullPages(input)
    const counts = checkpointCounts(evidence)
    if (
      evidence.inRecovery ||
      !isWarm(evidence) ||
      now === undefined ||
      pages === undefined ||
      counts === undefined
    ) {
      return nothing
    }
    // Those that come for another reason than time are not made fewer by more of it.
    const areDue = counts.due >= constants.dueCheckpoints && counts.requestedShare <= constants.requestedShare
    const next = constants.timeoutSteps.find((step) => step > now)
    if (!areDue || next === undefined || pages.share <= constants.fullPageShare) return nothing

    const seen = `${printShare(pages.share)} of the WAL are ${pages.count} whole pages, with a checkpoint each ${minutes(now)}`
    if (situation.profile === 'crit') {
      return {
        drafts: [],
        notes: [`${seen}; that stays, because recovery after a crash has to be quick (profile crit)`],
      }
    }
    const size = walSizeFor(input, next)
    const replaySeconds = ((size?.bytesPerSecond ?? 0) * next) / constants.replayBytesPerSecond
    if (replaySeconds > constants.recoverySeconds[situation.profile]) {
      return {
        drafts: [],
        notes: [
          `${seen}; with one each ${minutes(next)} a crash would take about ${Math.ceil(replaySeconds / 60)} minutes to recover from, which is more than the ${constants.recoverySeconds[situation.profile] / 60} that it may`,
        ],
      }
    }
    const isTooSmall = size !== undefined && size.neededBytes > constants.walOfLimit * size.currentBytes
    const needs = isTooSmall
      ? `${printAbout(size.bytesPerSecond)} of WAL per second need ${printAbout(size.neededBytes)} for a checkpoint each ${minutes(next)}, and max_wal_size is ${printSetting(size.currentBytes)}`
      : ''
    if (isTooSmall) {
      const trouble = archiveTrouble(evidence)
      if (trouble !== undefined)
        return { drafts: [], notes: [`${seen}; ${needs}, which has to stay while ${trouble}`] }
      if (size.bytes <= size.currentBytes) {
        return {
          drafts: [],
          notes: [`${seen}; ${needs}, which may not be more than ${size.bound ?? 'that'}`],
        }
      }
    }
    return {
      drafts: [
        {
          parameter: 'checkpoint_timeout',
          proposed: minutes(next),
          reason: `${seen}: each page is written whole at its first change after one`,
          evidence: evidenceQuery,
          risk: 'recovery from a crash replays up to so much time',
          effect: 'less WAL to write, to send to standbys and to archive',
          confidence: 'medium',
        },
        ...(isTooSmall
          ? draftWalSize(input, size, {
              reason: needs,
              evidence: evidenceQuery,
              effect: 'checkpoints come by time also when they are further apart',
            })
          : []),
      ],
      notes: [],
    }
  },
}

function minutes(seconds: number): string {
  return seconds % 60 === 0 ? `${seconds / 60}min` : `${seconds}s`
}
