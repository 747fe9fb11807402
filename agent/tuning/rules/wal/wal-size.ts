import { printAbout } from '../../../../common/tuning/print-size.ts'
import { settingBytes } from '../../recommend/setting-bytes.ts'
import { settingOf } from '../../recommend/situation.ts'
import { roundDown } from '../../recommend/sizes.ts'
import type { RuleInput } from '../rule.ts'
import { constants } from './constants.ts'

/** What max_wal_size is, should be and may be. */
export interface WalSize {
  readonly currentBytes: number
  /** WAL that is written in the busiest minutes. */
  readonly bytesPerSecond: number
  /** With less than that a checkpoint comes before it is due. */
  readonly neededBytes: number
  /** What is needed, with a reserve, as far as the server has room and time for it. Not above the current where it has not. */
  readonly bytes: number
  /** What keeps it from being larger, for the end of a sentence; undefined where nothing does. */
  readonly bound: string | undefined
}

/**
 * Source of the formula: a checkpoint begins once WAL since the last one exceeds max_wal_size / (1 + checkpoint_completion_target)
 * (manual, 30.5; measured: 34.5MB with 64MB and 0.9).
 * @param timeoutSeconds - how far apart checkpoints are to be
 * @returns undefined where the rate of WAL is not known
 */
export function walSizeFor(input: RuleInput, timeoutSeconds: number): WalSize | undefined {
  const { situation, evidence } = input
  const currentBytes = settingBytes(situation, 'max_wal_size')
  const target = settingOf(situation, 'checkpoint_completion_target')
  const bytesPerSecond = evidence.peakPerSecond('wal.position')
  if (currentBytes === undefined || target === undefined || bytesPerSecond === undefined) return undefined
  const neededBytes = bytesPerSecond * timeoutSeconds * (1 + target)
  const wanted = Math.ceil((neededBytes * constants.walReserve) / constants.roundTo) * constants.roundTo
  const [least] = boundsOf(input, currentBytes).toSorted((a, b) => a.bytes - b.bytes)
  const isBound = least !== undefined && least.bytes < wanted
  return {
    currentBytes,
    bytesPerSecond,
    neededBytes,
    bytes: isBound ? Math.max(0, roundDown(least.bytes)) : wanted,
    bound: isBound ? least.why : undefined,
  }
}

function boundsOf(
  input: RuleInput,
  currentBytes: number,
): { readonly bytes: number; readonly why: string }[] {
  const { machine, profile } = input.situation
  const recoverySeconds = constants.recoverySeconds[profile]
  const bounds = [
    { bytes: currentBytes * constants.walStep, why: `${constants.walStep} times what it is in one step` },
    {
      bytes: recoverySeconds * constants.replayBytesPerSecond,
      why: `what a crash can replay in ${recoverySeconds / 60} minutes at ${printAbout(constants.replayBytesPerSecond)} per second`,
    },
  ]
  const disk = machine.walDiskBytes ?? machine.dataDiskBytes
  if (disk !== null) {
    const share = machine.walDiskBytes === null ? constants.walShareOfDisk : constants.walShareOfOwnDisk
    bounds.push({ bytes: disk * share, why: `${share * 100} % of a disk of ${printAbout(disk)}` })
  }
  const free = freeBytes(input)
  if (free !== null) {
    const left = Math.max(0, free - promisedBytes(input))
    bounds.push({
      bytes: left * constants.walShareOfFree,
      why: `${constants.walShareOfFree * 100} % of the ${printAbout(left)} that are free and not promised to slots or wal_keep_size`,
    })
  }
  return bounds
}

function freeBytes({ host, situation }: RuleInput): number | null {
  return situation.machine.walDiskBytes === null
    ? (host.freeDataDiskBytes ?? host.freeWalDiskBytes)
    : host.freeWalDiskBytes
}

/** What WAL may come to take beside max_wal_size. */
function promisedBytes({ situation, evidence }: RuleInput): number {
  const limit = settingBytes(situation, 'max_slot_wal_keep_size') ?? -1
  const kept = Math.max(
    evidence.usualMax('slots.active_bytes') ?? 0,
    evidence.last('slots.inactive_bytes') ?? 0,
  )
  const hasSlots = (evidence.last('slots.used') ?? 0) > 0
  const forSlots = !hasSlots ? 0 : limit < 0 ? kept : Math.max(0, limit - kept)
  return forSlots + (settingBytes(situation, 'wal_keep_size') ?? 0)
}
