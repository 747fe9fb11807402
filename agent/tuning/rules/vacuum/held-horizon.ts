import type { HorizonHolder } from '../../details/horizon-holders.ts'
import { printCount, printSeconds } from '../print-count.ts'
import type { Rule } from '../rule.ts'
import { nothing } from '../rule.ts'
import { holdersOf, wasHeld } from './is-held.ts'

const remedies: Record<HorizonHolder['kind'], string> = {
  session: 'it has to end its transaction, or be ended',
  'prepared transaction': 'it has to be committed or rolled back',
  slot: 'who reads it has to come back, or it is to be dropped',
  standby: 'its queries have to end, or it has to do without hot_standby_feedback',
}

/** What comes before all other rules of vacuum: while somebody may still want to see dead rows, VACUUM cannot remove them. */
export const heldHorizon: Rule = {
  id: 'V0',
  what: 'somebody for whom dead rows are kept',
  advise(input) {
    const { evidence } = input
    if (evidence.inRecovery) return nothing
    const holders = holdersOf(input)
    if (holders.length > 0) return { drafts: [], notes: holders.map(noteOf) }
    if (!wasHeld(input)) return nothing
    const age = printCount(evidence.mean('horizon.age') ?? 0)
    const seconds = printSeconds(evidence.mean('horizon.seconds') ?? 0)
    const note = `dead rows were kept for somebody who is gone by now: ${age} transactions and ${seconds} in the mean (pg_xmin_age, pg_xmin_age_seconds); settings of vacuum are proposed when that is over`
    return { drafts: [], notes: [note] }
  },
}

function noteOf({ kind, who, age, seconds, ofAllTables }: HorizonHolder): string {
  const since = seconds === null ? '' : ` and ${printSeconds(seconds)}`
  const rows = ofAllTables ? 'dead rows' : 'dead rows of the catalogs'
  return `${who} has VACUUM keep ${rows} of ${printCount(age)} transactions${since}; ${remedies[kind]}, and no setting of vacuum is proposed until then`
}
