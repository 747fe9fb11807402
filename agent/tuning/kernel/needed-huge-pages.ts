import type { Clock } from '../../../common/clock.ts'
import type { Proposal } from '../../../common/tuning/proposal.ts'
import { preflight } from '../preflight/preflight.ts'
import type { RunningServer } from '../preflight/running-server.ts'

/** How many huge pages a server takes with what is proposed for it. */
export interface NeededPages {
  /** Null where nobody can say. */
  readonly pages: number | null
  /** Said by PostgreSQL itself, and not by a formula. */
  readonly isExact: boolean
  /** Effective huge_pages: `on`, `try` or `off`. */
  readonly mode: string
  /** That it has now, and gives back before it takes the others. */
  readonly ownNow: number
  /** Half a sentence: why it is not known; empty where it is. */
  readonly why: string
}

/** Of the formula, which is within this much of what servers say. */
const margin = 1.02

/**
 * Asks PostgreSQL's own program, beside the server.
 * @param running - or why it is not to be found here
 * @param pageBytes - of a huge page of this host
 * @throws what the signal is aborted with
 */
export async function neededHugePages(
  running: RunningServer | string,
  proposals: readonly Proposal[],
  {
    pageBytes,
    ...options
  }: { readonly pageBytes: number; readonly clock: Clock; readonly signal: AbortSignal },
): Promise<NeededPages> {
  const unknown = (why: string): NeededPages => ({ pages: null, isExact: false, mode: 'try', ownNow: 0, why })
  if (typeof running === 'string') return unknown(running)
  const values = new Map(
    proposals
      .filter(({ target }) => target === undefined)
      .map(({ parameter, proposed }) => [parameter, proposed]),
  )
  const result = await preflight(running, { values, ...options })
  if (result.outcome === 'refused') return unknown(`with what is proposed PostgreSQL says: ${result.words}`)
  if (result.outcome === 'not-run') return unknown(result.why)
  const { bytes, hugePages, isEstimate } = result.sharedMemory
  const own = running.sharedMemory
  return {
    pages: hugePages ?? Math.ceil((bytes / pageBytes) * (isEstimate ? margin : 1)),
    isExact: hugePages !== null,
    mode: result.hugePagesMode,
    ownNow: own.usesHugePages === true ? (own.hugePages ?? Math.ceil(own.bytes / pageBytes)) : 0,
    why: '',
  }
}
