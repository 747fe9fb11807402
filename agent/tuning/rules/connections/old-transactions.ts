import { printSeconds } from '../print-count.ts'
import type { Rule, RuleInput } from '../rule.ts'
import { constants } from './constants.ts'

/** Transactions that nobody ends hold their locks and all rows that others have replaced since. */
export const oldTransactions: Rule = {
  id: 'C10',
  what: 'transactions that are hours old',
  advise(input) {
    return { drafts: [], notes: [...oldPrepared(input), ...oldOpen(input)] }
  },
}

function oldPrepared({ evidence, details }: RuleInput): readonly string[] {
  const oldest = evidence.last('prepared.oldest_seconds') ?? 0
  if (oldest <= constants.oldTransactionSeconds) return []
  const old = (details.preparedTransactions ?? []).filter(
    ({ seconds }) => seconds > constants.oldTransactionSeconds,
  )
  const each = old.map(
    ({ gid, owner, database, seconds }) => `"${gid}" of ${owner} in ${database} (${printSeconds(seconds)})`,
  )
  const which = each.length === 0 ? '' : `: ${each.join(', ')}`
  return [
    `a transaction has been prepared for ${printSeconds(oldest)} and nobody has committed it${which}; ask its transaction manager, and then COMMIT PREPARED or ROLLBACK PREPARED (pg_prepared_xacts)`,
  ]
}

function oldOpen({ evidence, situation }: RuleInput): readonly string[] {
  const oldest = evidence.usualMax('activity.oldest_transaction_seconds') ?? 0
  if (oldest <= constants.oldTransactionSeconds) return []
  const isOffered = situation.server.settings.get('transaction_timeout')?.value === '0'
  const offer = isOffered
    ? '; transaction_timeout can end them for roles that have no long ones (ALTER ROLE ... SET transaction_timeout), such as those of a web application'
    : ''
  return [
    `transactions are up to ${printSeconds(oldest)} old (pg_stat_activity.xact_start): VACUUM removes nothing that is newer${offer}`,
  ]
}
