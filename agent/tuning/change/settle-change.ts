import type { TunedServer } from '../apply-settings.ts'
import { goOn } from './begin-watching.ts'
import type { ChangeRecord } from './change-record.ts'
import type { ChangeWork } from './change-work.ts'
import { takeChangeBack } from './finish-change.ts'
import { valuesNow } from './values-now.ts'

/**
 * Decides about a change during which the agent was killed: what the server has taken as a whole goes on, anything else is taken back.
 * @throws PgherdError while the server, or its keeper, does not answer
 */
export async function settleChange(
  work: ChangeWork,
  tuned: TunedServer,
  record: ChangeRecord,
): Promise<ChangeRecord> {
  const values = await valuesNow(tuned, record)
  if (values.some(({ state }) => state === 'change')) {
    return takeChangeBack(work, tuned, record, 'the agent ended while the settings were being changed')
  }
  return goOn(work, record, values)
}
