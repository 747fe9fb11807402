import { stringify } from 'yaml'
import type { FoundNeighbour } from './find/found.ts'

/** What goes into the configuration of the agent. */
export interface ConfigContent {
  readonly path: string
  readonly cluster: string
  readonly seq: number
  /** The first is the agent's own. */
  readonly servers: readonly { readonly url: string; readonly cluster: string; readonly seq: number }[]
  /** Where the password is while the agent runs; undefined where it needs none. */
  readonly passwordFile: string | undefined
  /** `lacks` of one that does not let the agent in as it is. */
  readonly poolers: readonly { readonly url: string; readonly lacks: readonly string[] }[]
  readonly neighbours: readonly FoundNeighbour[]
  readonly collectorUrl: string | undefined
  readonly stateDirectory: string
}

export const usualStateDirectory = '/var/lib/pgherd/agent'

/** The file, with comments that say what each part is; what was found and is not measured yet stands in comments. */
export function configText(content: ConfigContent): string {
  const { path, cluster, seq, servers, passwordFile, stateDirectory } = content
  const [first] = servers
  const yaml = (value: unknown): string => stringify(value, { lineWidth: 0 }).trimEnd()
  const commented = (text: string): string =>
    text
      .split('\n')
      .map((line) => `# ${line}`)
      .join('\n')
  const password = passwordFile === undefined ? [] : [`  password_file: ${passwordFile}`]
  const several = servers.length > 1
  return [
    `# The agent of ${cluster}-${seq}. Written by pgherd-agent setup, yours from now on: setup shows what it would change before it does.`,
    `# All keys: pgherd-agent --help. After a change: pgherd-agent --config ${path} --check-config, then systemctl restart pgherd-agent.`,
    '',
    `# The labels of all that is measured here: cls=${cluster}, ins=${cluster}-${seq}.`,
    'identity:',
    `  cluster: ${cluster}`,
    `  seq: ${seq}`,
    '',
    '# Directly, never through a pooler. Two connections, read-only, with short timeouts.',
    'postgres:',
    ...(several ? password : [`  url: ${first?.url ?? ''}`, ...password]),
    ...(several
      ? [
          '',
          '# Each server has labels of its own.',
          'servers:',
          ...servers.map((server, i) =>
            i === 0
              ? `  - url: ${server.url}`
              : `  - { url: '${server.url}', cluster: ${server.cluster}, seq: ${server.seq} }`,
          ),
        ]
      : []),
    ...listOf(
      'poolers',
      'pgBouncers, by their consoles.',
      content.poolers.map(({ url, lacks }) => ({
        entry: { url },
        lacks: lacks.length === 0 ? undefined : lacks.join('; '),
      })),
    ),
    ...listOf('neighbours', 'What runs beside PostgreSQL.', content.neighbours),
    '',
    ...(content.collectorUrl === undefined
      ? [
          '# Where to send it; agentctl enroll prints the address.',
          '# collector:',
          '#   url: https://collector.example:8432',
        ]
      : [
          '# Where it is sent. While that is away measurements wait on disk.',
          'collector:',
          `  url: ${content.collectorUrl}`,
        ]),
    ...(stateDirectory === usualStateDirectory
      ? []
      : [
          '',
          '# State: measurements that wait, and the certificate.',
          yaml({
            spool: { directory: `${stateDirectory}/spool` },
            tls: { directory: `${stateDirectory}/tls` },
          }),
        ]),
    '',
  ].join('\n')

  function listOf(
    key: string,
    about: string,
    all: readonly { readonly entry: object; readonly lacks: string | undefined }[],
  ): readonly string[] {
    const ready = all.filter(({ lacks }) => lacks === undefined)
    const rest = all.filter(({ lacks }) => lacks !== undefined)
    if (all.length === 0) return []
    return [
      '',
      `# ${about}`,
      ...(ready.length === 0 ? [] : [yaml({ [key]: ready.map(({ entry }) => entry) })]),
      ...rest.flatMap(({ entry, lacks }) => [
        `# Found, and not measured: ${lacks ?? ''}. Then:`,
        ...(ready.length === 0 ? [`# ${key}:`] : []),
        commented(yaml([entry]).replaceAll(/^/gm, '  ')),
      ]),
    ]
  }
}
