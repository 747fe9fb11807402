import { readdir, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { PgherdError } from '../errors.ts'
import type { Log } from '../log.ts'
import { isPositionFile, positionFileName } from './position.ts'
import { cutTornTail, removeSegment, scanSegment, segmentSequence } from './segment.ts'
import type { Segment } from './segment.ts'

export interface Recovered {
  /** In order, each with at least one record. */
  readonly segments: Segment[]
  readonly highestSequence: number
  /** Behind the last record of the newest segment: an append that was never acknowledged. */
  readonly tornBytes: number
  /** Damage elsewhere: records that had been acknowledged and are lost. */
  readonly corruptBytes: number
}

/** Reads what an earlier process left behind, and makes it whole. */
export async function recoverSegments(directory: string, log: Log): Promise<Recovered> {
  const sequences = (await readdir(directory))
    .map(segmentSequence)
    .filter((sequence) => sequence !== undefined)
    .sort((a, b) => a - b)
  const segments: Segment[] = []
  let tornBytes = 0
  let corruptBytes = 0
  for (const sequence of sequences) {
    const { segment, header, badBytes, damagedInside } = await scanSegment(directory, sequence)
    if (header === 'newer') {
      throw new PgherdError(
        'DIRECTORY_UNUSABLE',
        `${segment.path} was written by a newer release; start that one, or empty the spool directory`,
      )
    }
    if (badBytes > 0) {
      const torn = sequence === sequences.at(-1) && !damagedInside
      if (torn) tornBytes += badBytes
      else corruptBytes += badBytes
      log[torn ? 'info' : 'error'](
        { path: segment.path, badBytes, goodRecords: segment.records },
        torn ? 'spool: unfinished append removed' : 'spool: damaged records skipped',
      )
    }
    if (segment.records === 0) await removeSegment(segment)
    else {
      if (badBytes > 0) await cutTornTail(segment)
      segments.push(segment)
    }
  }
  return { segments, highestSequence: sequences.at(-1) ?? 0, tornBytes, corruptBytes }
}

/** Forgets the positions of destinations that are no longer configured. */
export async function removeOldPositions(directory: string, readers: readonly string[]): Promise<void> {
  const wanted = new Set(readers.map(positionFileName))
  for (const name of await readdir(directory)) {
    if (isPositionFile(name) && !wanted.has(name)) await unlink(join(directory, name))
  }
}
