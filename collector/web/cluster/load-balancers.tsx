import type { JSX } from 'preact'
import { vectorAnswer } from '../api/answers.ts'
import type { PageContext } from '../state/page-context.ts'
import { usePolled } from '../state/use-polled.ts'

/** Where the cluster's load balancers send to, as their own figures say; nothing where none is known. */
export function LoadBalancers({
  cluster,
  context: { client, refresh },
}: {
  readonly cluster: string
  readonly context: PageContext
}): JSX.Element | null {
  const query = `haproxy_server_status{cls=${JSON.stringify(cluster)}} == 1`
  const states = usePolled(
    query,
    refresh.seq,
    true,
    async (signal) => (await client.get('api/v1/query', { query }, vectorAnswer, signal)).data.result,
  )
  if (states.data === null || states.data.length === 0) return null
  const byProxy = Map.groupBy(states.data, ({ metric }) => `${metric['ins'] ?? ''} ${metric['proxy'] ?? ''}`)
  return (
    <div class="balancers">
      <h3>HAProxy</h3>
      <dl class="pairs">
        {[...byProxy].map(([proxy, servers]) => (
          <div key={proxy} class="pair">
            <dt>{proxy}</dt>
            <dd>
              {servers.map(({ metric }) => (
                <span key={metric['server']} class={metric['state'] === 'UP' ? 'up-server' : 'soft'}>
                  {metric['server']} {metric['state']}{' '}
                </span>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </div>
  )
}
