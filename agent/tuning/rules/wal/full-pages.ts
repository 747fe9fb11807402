import type { RuleInput } from '../rule.ts'
import { constants } from './constants.ts'

export interface FullPages {
  readonly count: number
  /** Of the bytes of WAL, 0 to 1. */
  readonly share: number
}

const blockBytes = 8192

/**
 * Pages that are written whole into WAL, as each is at its first change after a checkpoint. Their size is an upper bound: the hole in a page
 * is left out, and what compression leaves of one is an estimate. Undefined where there were too few.
 */
export function fullPages({ evidence, situation }: RuleInput): FullPages | undefined {
  const count = evidence.increase('wal.fpi')
  const bytes = evidence.increase('wal.bytes')
  if (count === undefined || bytes === undefined || count < constants.events || bytes === 0) return undefined
  const { settings } = situation.server
  const block = Number(settings.get('block_size')?.value ?? blockBytes)
  const isCompressed = (settings.get('wal_compression')?.value ?? 'off') !== 'off'
  const each = isCompressed ? block * constants.compressedPage : block
  return { count, share: Math.min(1, (count * each) / bytes) }
}
