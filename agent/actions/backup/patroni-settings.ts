import { PgherdError } from '../../../common/errors.ts'
import type { ClusterSettings } from '../../../common/tuning/cluster-settings.ts'
import type { PatroniAccess } from '../patroni/access.ts'
import { isObject } from '../patroni/config-patch.ts'
import { nodeDocument } from '../patroni/documents.ts'
import { expectAnswer } from '../patroni/expect-answer.ts'
import { withPatroni } from '../patroni/with-patroni.ts'

const changeMs = 15_000
/** Behind the two cycles in which each member reads the configuration and reloads its server. */
const marginMs = 5_000

/**
 * PostgreSQL's parameters in the dynamic configuration of a Patroni of this host.
 * @param work gets undefined on a host without Patroni
 * @throws PgherdError REFUSED for another scope, or when etcd has no quorum
 */
export async function withPatroniSettings<T>(
  patronis: readonly PatroniAccess[],
  scope: string,
  work: (keeper: ClusterSettings | undefined) => Promise<T>,
): Promise<T> {
  if (patronis.length === 0) return work(undefined)
  return withPatroni(patronis, scope, (patroni, situation) => {
    const { storeProblems, settings } = situation
    if (storeProblems.length > 0) throw new PgherdError('REFUSED', storeProblems.join('; '))
    return work({
      name: 'Patroni',
      scope: situation.scope,
      patienceMs: 2_000 * settings.loopWaitSeconds + marginMs,
      async read() {
        const config = await patroni.get('/config')
        const postgresql = isObject(config) ? config['postgresql'] : undefined
        const parameters = isObject(postgresql) ? postgresql['parameters'] : undefined
        return isObject(parameters) ? parameters : {}
      },
      async change(values, signal) {
        const patch = { postgresql: { parameters: values } }
        expectAnswer(await patroni.change('PATCH', '/config', patch, { timeoutMs: changeMs, signal }), [200])
      },
      async waitsForRestart() {
        return nodeDocument.parse(await patroni.get('/patroni')).pending_restart
      },
    })
  })
}
