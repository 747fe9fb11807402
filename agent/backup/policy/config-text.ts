import type { BackupPolicy, RepositoryPolicy } from '../../../common/backup/backup-policy.ts'
import { memberLines, tlsServerLines } from './member-lines.ts'
import type { RepositorySecrets } from './secret-files.ts'
import { isAtLeast } from './with-defaults.ts'

/** The server on this host, as pgBackRest reaches it. */
export interface LocalServer {
  readonly dataDirectory: string
  readonly port: number
  /** Null: pgBackRest's own default. */
  readonly socketDirectory: string | null
  /** The role of the database; null: that of the user who runs pgBackRest. */
  readonly user: string | null
  /** Of this host, as `members` has it. */
  readonly address: string
}

/** What a configuration file is to have. */
export interface ConfigText {
  readonly text: string
  /** One line for each thing of the policy that is not in it, because this pgBackRest does not know it. */
  readonly leftOut: readonly string[]
}

/** How a file of pgherd's begins. */
export const configMark = '# Written by pgherd'

/** The version in which the TLS server came; older ones are not written for. */
export const oldestVersion = '2.37'

/** With which an engine that does not tell its version is taken to know everything up to here. */
const assumedVersion = '2.45'

type Line = readonly [name: string, value: string | number]

/**
 * The policy as pgBackRest's configuration (https://pgbackrest.org/configuration.html): complete, so that nothing of another file is
 * needed.
 * @param secrets - in the order of the repositories; null for a text to be shown, in which `***` stands for them
 * @param version - of pgBackRest; null where it is not known
 */
export function configText(
  policy: BackupPolicy,
  server: LocalServer,
  secrets: readonly RepositorySecrets[] | null,
  version: string | null,
): ConfigText {
  const leftOut: string[] = []
  const knows = (wanted: string, what: string): boolean => {
    if (isAtLeast(version ?? assumedVersion, wanted)) return true
    leftOut.push(`${what} needs pgBackRest ${wanted}, and this is ${version ?? 'not known'}`)
    return false
  }
  const global: Line[] = []
  for (const [i, one] of policy.repositories.entries()) {
    const hidden = { cipherPass: '***', key: '***', keySecret: '***' }
    const lines = repositoryLines(one, secrets === null ? hidden : secrets[i]!, (wanted, key) =>
      knows(wanted, `repositories[${i}].${key}`),
    )
    global.push(...lines.map(([name, value]): Line => [`repo${i + 1}-${name}`, value]))
  }
  global.push(...globalLines(policy), ...tlsServerLines(policy))
  const stanza: Line[] = [['pg1-path', server.dataDirectory]]
  stanza.push(['pg1-port', server.port])
  if (server.socketDirectory !== null) stanza.push(['pg1-socket-path', server.socketDirectory])
  if (server.user !== null) stanza.push(['pg1-user', server.user])
  stanza.push(...memberLines(policy, server))
  const print = (lines: readonly Line[]): readonly string[] =>
    lines.map(([name, value]) => `${name}=${value}`)
  const text = [
    `${configMark} from the policy of ${policy.cluster}; changes here are lost.`,
    '',
    '[global]',
    ...print(global),
    '',
    `[${policy.stanza}]`,
    ...print(stanza),
    '',
  ].join('\n')
  return { text, leftOut }
}

function repositoryLines(
  one: RepositoryPolicy,
  secrets: RepositorySecrets,
  knows: (version: string, key: string) => boolean,
): readonly Line[] {
  const lines: Line[] = [
    ['type', one.kind === 'local' ? 'posix' : 's3'],
    ['path', one.path],
  ]
  if (one.kind === 's3') {
    const { host, port } = splitEndpoint(one.endpoint)
    lines.push(['s3-bucket', one.bucket], ['s3-endpoint', host])
    if (port !== undefined) lines.push(['storage-port', port])
    lines.push(['s3-region', one.region], ['s3-uri-style', one.uriStyle])
    lines.push(['s3-key', secrets.key ?? ''], ['s3-key-secret', secrets.keySecret ?? ''])
    if (one.caFile !== null) lines.push(['storage-ca-file', one.caFile])
    if (!one.verifyTls) lines.push(['storage-verify-tls', 'n'])
  }
  if (one.cipherPassFile !== null) {
    lines.push(['cipher-type', 'aes-256-cbc'], ['cipher-pass', secrets.cipherPass ?? ''])
  }
  const { full, diff } = one.retention
  lines.push(['retention-full-type', full?.kind === 'days' ? 'time' : 'count'])
  // Its highest is what its documentation says for ever; without one it warns at each run.
  lines.push(['retention-full', full?.value ?? 9_999_999])
  if (diff !== null) lines.push(['retention-diff', diff])
  const isBundled = one.bundle && knows('2.39', 'bundle')
  if (isBundled) lines.push(['bundle', 'y'])
  if (isBundled && one.block && knows('2.46', 'block')) lines.push(['block', 'y'])
  return lines
}

function globalLines(policy: BackupPolicy): readonly Line[] {
  const { compression, archive } = policy
  const protocolSeconds = seconds(policy.protocolTimeoutMs)
  const lines: Line[] = [
    // A backup begins at once and not with the next checkpoint that comes by itself.
    ['start-fast', 'y'],
    ['process-max', policy.processMax],
    ['compress-type', compression.type],
  ]
  if (compression.level !== null) lines.push(['compress-level', compression.level])
  lines.push(
    ['io-timeout', seconds(policy.ioTimeoutMs)],
    // It has to be the shorter one.
    ['db-timeout', Math.max(1, protocolSeconds - Math.max(1, Math.ceil(protocolSeconds / 20)))],
    ['protocol-timeout', protocolSeconds],
    ['archive-timeout', seconds(archive.timeoutMs)],
    ['lock-path', policy.lockPath],
    ['log-path', policy.logPath],
  )
  if (archive.isAsync) {
    lines.push(['archive-async', 'y'], ['spool-path', archive.spoolPath])
  }
  if (archive.queueMaxBytes !== null) lines.push(['archive-push-queue-max', archive.queueMaxBytes])
  if (policy.where === 'standby') lines.push(['backup-standby', 'y'])
  return lines
}

function splitEndpoint(endpoint: string): { readonly host: string; readonly port: string | undefined } {
  const match = /^(.*?)(?::(\d+))?$/.exec(endpoint)
  return { host: match?.[1] ?? endpoint, port: match?.[2] }
}

const seconds = (ms: number): number => Math.max(1, Math.ceil(ms / 1_000))
