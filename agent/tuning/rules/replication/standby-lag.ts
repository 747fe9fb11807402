import { printAbout } from '../../../../common/tuning/print-size.ts'
import type { Evidence } from '../../evidence/evidence.ts'
import { constants } from './constants.ts'

/** `network`: not written by the standby yet; `disk`: written and not flushed; `apply`: flushed and not replayed. */
export type LagPart = 'network' | 'disk' | 'apply'

/** How far standbys usually get behind at most in one part of the way, such as `23.1MB and 6.2 s`; undefined where that is little. */
export function standbyLag(evidence: Evidence, part: LagPart): string | undefined {
  return largeLag(
    evidence.usualMax(`replication.${part}_bytes`),
    evidence.usualMax(`replication.${part}_seconds`),
  )
}

/** The same of this standby's own replay. */
export function ownReplayLag(evidence: Evidence): string | undefined {
  return largeLag(evidence.usualMax('recovery.apply_bytes'), evidence.usualMax('recovery.apply_seconds'))
}

function largeLag(bytes = 0, seconds = 0): string | undefined {
  if (bytes <= constants.lagBytes && seconds <= constants.lagSeconds) return undefined
  return `${printAbout(bytes)} and ${seconds.toFixed(1)} s`
}
