import { PgherdError } from '../../common/errors.ts'
import type { ActionContext } from './action.ts'

/** The ins label of a command's server. @throws PgherdError BAD_REQUEST where the command names none */
export function serverOf({ server }: Pick<ActionContext, 'server'>): string {
  if (server === null) throw new PgherdError('BAD_REQUEST', 'no server is named')
  return server
}
