import { PgherdError } from '../../../common/errors.ts'
import { plainAnswer } from './plain-answer.ts'

/**
 * Patroni's own words when it did not do what it was asked. Statuses: Patroni 4.1, docs/rest_api.rst.
 * @throws PgherdError REFUSED when its conditions are not met and nothing was done, COMMAND_FAILED otherwise
 */
export function expectAnswer(
  { status, text }: { readonly status: number; readonly text: string },
  accepted: readonly number[],
): void {
  if (accepted.includes(status)) return
  const said = plainAnswer(text, 500)
  const isRefusal = status === 400 || status === 409 || status === 412 || status === 422
  throw new PgherdError(isRefusal ? 'REFUSED' : 'COMMAND_FAILED', `Patroni answered ${status}: ${said}`)
}
