import { printAbout, printSetting } from '../../../../common/tuning/print-size.ts'
import { settingBytes } from '../../recommend/setting-bytes.ts'
import { roundDown } from '../../recommend/sizes.ts'
import type { RuleDraft, RuleInput } from '../rule.ts'
import { constants } from './constants.ts'
import type { WalSize } from './wal-size.ts'

/** `rate` as people run it. */
export const walRateQuery = 'rate(pg_wal_bytes[5m])'

/** max_wal_size, with the min_wal_size that goes with it. */
export function draftWalSize(
  { situation }: RuleInput,
  size: WalSize,
  why: { readonly reason: string; readonly evidence: string; readonly effect: string },
): readonly RuleDraft[] {
  const isDiskKnown = (situation.machine.walDiskBytes ?? situation.machine.dataDiskBytes) !== null
  const confidence = isDiskKnown ? 'high' : 'low'
  const seconds = Math.ceil(size.bytes / constants.replayBytesPerSecond)
  const min = settingBytes(situation, 'min_wal_size') ?? 0
  const wantedMin = roundDown(Math.min(size.bytes * constants.minWalOfMax, min * constants.walStep))
  return [
    {
      parameter: 'max_wal_size',
      proposed: printSetting(size.bytes),
      ...why,
      risk: `a crash may have ${printAbout(size.bytes)} to replay, about ${seconds} s at ${printAbout(constants.replayBytesPerSecond)} per second, and the disk needs the room${isDiskKnown ? '' : ', which nobody knows here'}; standbys should have the same value`,
      confidence,
    },
    ...(wantedMin > min
      ? [
          {
            parameter: 'min_wal_size',
            proposed: printSetting(wantedMin),
            reason: `goes with max_wal_size: at most a quarter of its ${printSetting(size.bytes)}, and ${constants.walStep} times the ${printSetting(min)} that it is`,
            evidence: why.evidence,
            risk: 'so much of the disk is never given back',
            effect: 'segments are used again and need not be made anew when the load comes',
            confidence,
          } as const,
        ]
      : []),
  ]
}
