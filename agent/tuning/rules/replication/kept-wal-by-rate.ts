import { printAbout, printSetting, printShare } from '../../../../common/tuning/print-size.ts'
import { settingBytes } from '../../recommend/setting-bytes.ts'
import { MiB } from '../../recommend/sizes.ts'
import { nothing } from '../rule.ts'
import type { Finding, Rule, RuleInput } from '../rule.ts'
import { constants } from './constants.ts'

const message = 'requested WAL segment ... has already been removed'

export const keptWalByRate: Rule = {
  id: 'R3',
  what: 'standbys whose WAL was removed before they had it',
  advise(input) {
    return input.evidence.inRecovery ? onStandby(input) : onPrimary(input)
  },
}

function onPrimary(input: RuleInput): Finding {
  const { evidence, situation, details } = input
  const refused = details.removedWal?.refusals ?? 0
  const rate = evidence.peakPerSecond('wal.position')
  const now = settingBytes(situation, 'wal_keep_size')
  if (refused === 0) return nothing
  const seen = `a standby without a slot asked ${refused} times for WAL that was removed (the newest ${printAbout(details.removedWal?.bytes ?? 0)} of the log: "${message}")`
  const orSlot = 'a slot of its own would keep what it needs'
  if (rate === undefined || now === undefined) return { drafts: [], notes: [`${seen}; ${orSlot}`] }
  const disk = situation.machine.walDiskBytes ?? situation.machine.dataDiskBytes
  const bounds = [
    ...(now > 0 ? [now * constants.keptStep] : []),
    ...(disk === null ? [] : [disk * constants.keptShareOfDisk]),
  ]
  const wanted = Math.ceil((rate * constants.keptSeconds) / (16 * MiB)) * 16 * MiB
  const bytes = Math.floor(Math.min(wanted, ...bounds) / (16 * MiB)) * 16 * MiB
  if (bytes <= now)
    return {
      drafts: [],
      notes: [
        `${seen}; wal_keep_size of ${printSetting(now)} is enough for an hour, or all that the disk has for it; ${orSlot}`,
      ],
    }
  return {
    drafts: [
      {
        parameter: 'wal_keep_size',
        proposed: printSetting(bytes),
        reason: `${seen}: ${printAbout(rate)} of WAL per second are ${printAbout(rate * constants.keptSeconds)} in an hour${bytes < wanted ? ', of which this is what one step or the disk allows' : ''}`,
        evidence: `the server's log, and rate(pg_wal_bytes[5m])`,
        risk: 'so much of the disk is WAL for good',
        effect: `a standby may be away for ${Math.round(bytes / rate / 60)} minutes at the busiest time; ${orSlot} for as long as it takes`,
        confidence: 'medium',
      },
    ],
    notes: [],
  }
}

function onStandby({ evidence, situation, details }: RuleInput): Finding {
  const { settings } = situation.server
  const hasPrimary = (settings.get('primary_conninfo')?.value ?? '') !== ''
  const hasSlot = (settings.get('primary_slot_name')?.value ?? '') !== ''
  const refused = details.removedWal?.refusals ?? 0
  const away = 1 - (evidence.mean('recovery.is_streaming') ?? 1)
  const how =
    'wal_keep_size on the primary for an hour of WAL, or a slot (primary_slot_name here), keeps what it needs; by now it has to be made anew, unless restore_command finds the segment'
  if (!hasPrimary || hasSlot) return nothing
  if (refused > 0)
    return {
      drafts: [],
      notes: [
        `this standby asked ${refused} times for WAL that its primary had removed ("${message}"), and has no slot: ${how}`,
      ],
    }
  if (details.removedWal !== undefined || away <= constants.awayShare) return nothing
  return {
    drafts: [],
    notes: [
      `this standby has no slot and did not stream in ${printShare(away)} of the looks, and its log cannot be read from here (pg_current_logfile, pg_read_binary_file): if it says "${message}", ${how}`,
    ],
  }
}
