import { PgherdError } from '../../../common/errors.ts'
import type { ActionSession } from '../../postgres/action-session.ts'
import type { ActionContext } from '../action.ts'
import { serverOf } from '../server-of.ts'
import { findIndex } from './find-index.ts'
import type { FoundIndex, IndexTarget } from './find-index.ts'

/** An index of a command's server, and that server. */
export interface AskedIndex {
  /** Its ins label. */
  readonly name: string
  readonly server: ActionSession
  /** Its system identifier. */
  readonly system: string
  readonly index: FoundIndex
}

/** @throws PgherdError of `findIndex` and of the session; BUSY where other work keeps the role for commands from being asked what it may */
export async function askedIndex(
  context: Pick<ActionContext, 'session' | 'server'>,
  target: IndexTarget,
): Promise<AskedIndex> {
  const name = serverOf(context)
  const server = await context.session()
  const index = await findIndex(server, target)
  if (index.isOfMeasuring && !index.isOwner && !index.isSuperuser) {
    throw new PgherdError(
      'BUSY',
      `other work of pgherd is under way on ${name}, and has the connection for commands; try again after it (agentctl commands lists it)`,
    )
  }
  return { name, server, system: systemOf(server), index }
}

/** @throws PgherdError REFUSED where the server does not tell */
export function systemOf({ systemIdentifier }: ActionSession): string {
  if (systemIdentifier !== undefined) return systemIdentifier
  throw new PgherdError('REFUSED', 'the server does not tell its system identifier')
}

/** Lines of a plan about an index as it is. */
export function linesAbout(index: FoundIndex, size: string): readonly string[] {
  const { definition, isValid, scans, comment } = index
  return [
    `${index.sql}: ${definition}`,
    `${size}, ${isValid ? 'valid' : 'NOT valid'}, ${scans ?? 0} scans of it counted on this server (agentctl index list has those of all members)`,
    ...(comment === null ? [] : [`comment: ${comment}`]),
  ]
}

/** What speaks against it as lines of a plan. */
export function refusalLines(problems: readonly string[]): readonly string[] {
  return problems.map((one) => `REFUSED: ${one}`)
}
