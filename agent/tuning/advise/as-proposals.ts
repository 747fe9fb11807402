import type { Proposal } from '../../../common/tuning/proposal.ts'
import { compareWithServer } from '../recommend/compare-with-server.ts'
import type { KnownServer } from '../recommend/known-server.ts'
import type { Advised } from './advised.ts'
import { isAvailable } from './is-available.ts'
import { scopedStatement } from './scoped-statement.ts'

/**
 * What is advised as proposals: only of settings that this server has, with values that it takes, and never of what tuning leaves
 * alone. What is meant for a role, a database or a table has its statement.
 */
export function asProposals(
  advised: readonly Advised[],
  server: KnownServer,
): { readonly proposals: readonly Proposal[]; readonly unchanged: readonly Proposal[] } {
  const proposals: Proposal[] = []
  const unchanged: Proposal[] = []
  for (const one of advised) {
    const { parameter, proposed, reason, evidence, risk, effect, confidence, rule, scope } = one
    const draft = { parameter, proposed, reason, evidence, risk, effect, confidence, rule }
    if (!isAvailable(draft, server)) continue
    const compared = compareWithServer(server, [draft])
    const [found] = [...compared.proposals, ...compared.unchanged]
    if (found === undefined) continue
    const scoped = scope && scopedStatement(scope, draft.parameter, draft.proposed)
    if (scoped === undefined) {
      proposals.push(...compared.proposals)
      unchanged.push(...compared.unchanged)
    } else proposals.push({ ...found, needs: 'per-database', ...scoped })
  }
  return { proposals, unchanged }
}
