import type { Config } from '../../common/config/option-table.ts'
import { httpPort } from '../../common/http-port.ts'
import type { PoolerConfig, ServerConfig } from './postgres-options.ts'
import type { scrapeOptions } from './scrape-options.ts'

interface Members {
  readonly 'identity.cluster': string
  readonly 'identity.seq': number
  readonly 'identity.ip': string
  readonly servers: readonly ServerConfig[]
  readonly poolers: readonly PoolerConfig[]
  readonly 'scrape.endpoints': Config<typeof scrapeOptions>['scrape.endpoints']
}

/**
 * Tells which servers, poolers and endpoints would have the labels of another one, so that their samples would overwrite
 * each other. Ports that only a service file tells are seen when the agent starts.
 */
export function twinProblems(config: Members): readonly string[] {
  const members = [
    ...config.servers.map((member, i) => ({ at: `servers[${i}]`, member })),
    ...config.poolers.map((member, i) => ({ at: `poolers[${i}]`, member })),
  ].filter(({ member }) => !new URL(member.url).searchParams.has('service'))
  return [
    ...repeated(
      members.map(({ at, member: { url, cluster, seq, ip } }) => ({
        at,
        key: [
          cluster ?? config['identity.cluster'],
          seq ?? config['identity.seq'],
          ip ?? config['identity.ip'],
          new URL(url).port || '5432',
        ],
      })),
      'a cluster, seq, ip or port of its own',
    ),
    ...repeated(
      config['scrape.endpoints'].map(({ url, job, labels }, i) => ({
        at: `scrape.endpoints[${i}]`,
        key: [job, httpPort(url), Object.entries(labels).sort()],
      })),
      'a job, port or label of its own',
    ),
  ]
}

function repeated(
  entries: readonly { readonly at: string; readonly key: unknown }[],
  allowed: string,
): readonly string[] {
  const first = new Map<string, string>()
  return entries.flatMap(({ at, key }) => {
    const text = JSON.stringify(key)
    const twin = first.get(text)
    if (twin === undefined) first.set(text, at)
    return twin === undefined ? [] : [`${at}: would have the same labels as ${twin}; allowed: ${allowed}`]
  })
}
