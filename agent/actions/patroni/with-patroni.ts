import { PgherdError } from '../../../common/errors.ts'
import type { PatroniAccess } from './access.ts'
import { openPatroni } from './client.ts'
import type { PatroniClient } from './client.ts'
import { readSituation } from './situation.ts'
import type { Situation } from './situation.ts'

/**
 * Opens the Patroni that is meant, and closes it after `work`.
 * @param patronis those of this host
 * @throws PgherdError NOT_SUPPORTED where there is none, REFUSED for another scope, BAD_REQUEST where it is not clear which one
 */
export async function withPatroni<T>(
  patronis: readonly PatroniAccess[],
  scope: string | undefined,
  work: (patroni: PatroniClient, situation: Situation) => Promise<T>,
): Promise<T> {
  if (patronis.length === 0) {
    throw new PgherdError(
      'NOT_SUPPORTED',
      'this agent knows of no Patroni (neighbours: a record of kind patroni)',
    )
  }
  if (patronis.length > 1 && scope === undefined) {
    throw new PgherdError(
      'BAD_REQUEST',
      `there are ${patronis.length} Patronis on this host; allowed: scope=<name>`,
    )
  }
  const scopes: string[] = []
  for (const access of patronis) {
    using patroni = await openPatroni(access)
    const situation = await readSituation(patroni, access.etcd)
    if (scope === undefined || situation.scope === scope) return await work(patroni, situation)
    scopes.push(situation.scope)
  }
  throw new PgherdError(
    'REFUSED',
    `the Patroni of this host is of ${scopes.join(', ')}, not of ${scope ?? ''}`,
  )
}
