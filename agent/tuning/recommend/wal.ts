import { printAbout, printSetting } from '../../../common/tuning/print-size.ts'
import { constants } from './constants.ts'
import { draft } from './draft.ts'
import type { Draft } from './draft.ts'
import { currentOf } from './situation.ts'
import type { Situation } from './situation.ts'
import { MiB, roundDown } from './sizes.ts'

export interface Wal {
  /** What wal_buffers take of shared memory. */
  readonly bufferBytes: number
  readonly drafts: readonly Draft[]
  readonly notes: readonly string[]
}

const copyOnWrite = new Set(['zfs', 'btrfs'])

export function chooseWal(situation: Situation): Wal {
  const { machine, profile } = situation
  const max = maxWalSizeOf(situation)
  const min = roundDown(max.bytes * constants.minWalOfMax)
  const isWide = (profile === 'oltp' || profile === 'crit') && machine.processors >= constants.manyProcessors
  const timeout = constants.checkpointTimeout[profile]
  const drafts = [
    draft('max_wal_size', printSetting(max.bytes), {
      reason: max.reason,
      evidence: 'hardware, until the rate of WAL is known',
      risk: 'a crash has up to that much to replay, and the disk needs the room; it is a wish, which slots and a failing archive exceed',
      effect: 'checkpoints come by time and not because WAL is full, so fewer whole pages are written',
      confidence: 'medium',
    }),
    draft('min_wal_size', printSetting(min), {
      reason: `a quarter of max_wal_size (${printSetting(max.bytes)})`,
      risk: 'so much of the disk is never given back',
      effect: 'segments are used again and need not be made anew when the load comes',
    }),
    draft('checkpoint_timeout', timeout, {
      reason: timeoutReason(profile),
      evidence: 'profile',
      risk: 'recovery from a crash replays up to so much time',
      effect: 'fewer whole pages in WAL than with the 5min of the default',
      confidence: 'medium',
    }),
    draft('checkpoint_completion_target', '0.9', {
      reason: 'what PostgreSQL has since 14: writes are spread over the whole time',
      risk: 'none',
      effect: 'no bursts of writes',
    }),
    draft('wal_buffers', isWide ? printSetting(constants.walBuffersManyProcessorsBytes) : '-1', {
      reason: isWide
        ? `${machine.processors} processors can fill 16MB before anybody has written them`
        : 'automatic: a 32nd of shared_buffers, at most 16MB, which only very busy servers fill',
      risk: 'none but the memory',
      effect: 'commits wait less for room',
      confidence: isWide ? 'medium' : 'high',
    }),
    compression(situation),
    ...(copyOnWrite.has(machine.fileSystem ?? '')
      ? ['wal_recycle', 'wal_init_zero'].map((name) =>
          draft(name, 'off', {
            reason: `${machine.fileSystem ?? ''} writes every block to a new place, so that nothing is won by old segments or by zeroes`,
            risk: 'none on this kind of file system',
            effect: 'less written for each new segment',
          }),
        )
      : []),
  ]
  return {
    bufferBytes: isWide ? constants.walBuffersManyProcessorsBytes : constants.walBuffersAutomaticBytes,
    drafts,
    notes: max.notes,
  }
}

function maxWalSizeOf(situation: Situation): {
  readonly bytes: number
  readonly reason: string
  readonly notes: readonly string[]
} {
  const { machine, profile } = situation
  const large = machine.processors >= constants.manyProcessors
  const wanted = (large ? constants.maxWalBytesLarge : constants.maxWalBytes)[profile]
  const kept = Math.max(wanted, (currentOf(situation, 'max_wal_size') ?? 0) * MiB)
  const why = kept > wanted ? `${printAbout(kept)} are set` : `${printAbout(wanted)} for this profile`
  const own = machine.walDiskBytes
  const disk = own ?? machine.dataDiskBytes
  if (disk === null) {
    return {
      bytes: kept,
      reason: `${why}; the size of the disk is not known`,
      notes: [
        `the size of the disk is not known: max_wal_size should be no more than a tenth of it (half, where pg_wal has its own), and there have to be ${printAbout(kept * 2)} to spare`,
      ],
    }
  }
  const share = own === null ? constants.walShareOfDisk : constants.walShareOfOwnDisk
  const least = Math.min(constants.maxWalLeastBytes, disk * constants.walShareMost)
  const bytes = Math.max(roundDown(Math.min(kept, disk * share)), roundDown(least), 64 * MiB)
  const where = own === null ? `a disk of ${printAbout(disk)}` : `${printAbout(disk)} that are WAL's own`
  const bound =
    bytes >= kept
      ? `no more than ${share * 100} % of ${where}`
      : disk * share < least
        ? `the least that is useful on ${where}`
        : `but no more than ${share * 100} % of ${where}`
  return { bytes, reason: `${why}, ${bound}`, notes: [] }
}

function timeoutReason(profile: Situation['profile']): string {
  if (profile === 'crit') return 'recovery after a crash has to be quick'
  if (profile === 'tiny') return 'a small server writes little, and is to be back soon'
  if (profile === 'olap')
    return 'loads write the same pages again and again, each time whole after a checkpoint'
  return 'after each checkpoint every page that changes is written whole into WAL, at 15min a third as often as at 5min'
}

function compression({ server, machine }: Situation): Draft {
  const values = server.settings.get('wal_compression')?.enumValues ?? []
  const isSpare = machine.processors > 1
  const value = !isSpare ? 'off' : values.includes('lz4') ? 'lz4' : 'off'
  return draft('wal_compression', value, {
    reason:
      value === 'lz4'
        ? 'whole pages in WAL shrink to a half or less for little time of a processor'
        : isSpare
          ? 'this server has no lz4 as far as is known, and pglz takes more of the processors than is known to be idle'
          : 'the one processor has other things to do',
    evidence: 'pg_settings.enumvals',
    risk: value === 'lz4' ? 'a build without LZ4 would not start with it' : 'none',
    effect: value === 'lz4' ? 'less to write, to send to standbys and to archive' : 'no change',
    confidence: 'medium',
  })
}
