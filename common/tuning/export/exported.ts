import type { Proposal } from '../proposal.ts'
import { comment } from './comment.ts'

export type Exported = Pick<Proposal, 'parameter' | 'proposed' | 'reason'> &
  Partial<Pick<Proposal, 'needs' | 'target' | 'statement' | 'database'>>

/** What a file of the server's settings can hold: values that are for the whole server. */
export function forServer(proposals: readonly Exported[]): readonly Exported[] {
  return proposals.filter(({ target }) => target === undefined)
}

/** What it cannot hold, as comments: statements for a role, a database or a table. */
export function statementComments(proposals: readonly Exported[], mark: string): readonly string[] {
  return proposals.flatMap(({ statement, database, reason }) => {
    if (statement === undefined) return []
    const where = database === undefined ? '' : ` (in database ${database})`
    return [comment(mark, `${reason}${where}:`), comment(mark, statement)]
  })
}
