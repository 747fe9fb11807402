import type { Evidence } from '../../../agent/tuning/evidence/evidence.ts'
import type { ObservedTestServer } from '../../agent/tuning/observed-server.ts'

/** What one rule says, in short: `work_mem = 8MB (app)`; the notes only where there is no value. */
export type Said = Readonly<Record<string, readonly string[]>>

/** What all rules say to what was produced, by their ids. */
export async function saidTo(
  observed: ObservedTestServer,
  evidence: Evidence,
  other?: Parameters<ObservedTestServer['adviceOf']>[1],
): Promise<Said> {
  const { findings } = await observed.adviceOf(evidence, other)
  return Object.fromEntries(
    [...findings].map(([id, { drafts, notes }]) => [
      id,
      drafts.length === 0
        ? notes
        : drafts.map(
            ({ parameter, proposed, scope }) =>
              `${parameter} = ${proposed}${scope?.role === undefined ? '' : ` (${scope.role})`}`,
          ),
    ]),
  )
}
