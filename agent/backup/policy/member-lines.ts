import type { BackupPolicy } from '../../../common/backup/backup-policy.ts'

type Line = readonly [name: string, value: string | number]

/**
 * The other members, from pg2 on: a backup of a standby is begun and ended on the primary, and a part of it is copied from there. All
 * are named, so that the file stays as it is when another one becomes the primary.
 */
export function memberLines(
  { members, primaryAccess, configFile }: BackupPolicy,
  server: {
    readonly address: string
    readonly dataDirectory: string
    readonly port: number
    readonly socketDirectory: string | null
    readonly user: string | null
  },
): readonly Line[] {
  if (primaryAccess === null) return []
  const others = members.filter(({ address }) => address !== server.address)
  return others.flatMap(({ address, dataDirectory, port, ...one }, i): readonly Line[] => {
    const socketDirectory = one.socketDirectory ?? server.socketDirectory
    const lines: readonly Line[] = [
      ['path', dataDirectory ?? server.dataDirectory],
      ['port', port ?? server.port],
      ...(socketDirectory === null ? [] : [['socket-path', socketDirectory] satisfies Line]),
      ...(server.user === null ? [] : [['user', server.user] satisfies Line]),
      ['host', address],
      ['host-type', 'tls'],
      ['host-port', primaryAccess.port],
      ['host-config', configFile],
      ['host-cert-file', primaryAccess.certFile],
      ['host-key-file', primaryAccess.keyFile],
      ['host-ca-file', primaryAccess.caFile],
    ]
    return lines.map(([name, value]) => [`pg${i + 2}-${name}`, value])
  })
}

/** For `pgbackrest server`, which serves the other members when one of them runs the backup. */
export function tlsServerLines({ primaryAccess, stanza }: BackupPolicy): readonly Line[] {
  if (primaryAccess === null) return []
  return [
    ['tls-server-address', '*'],
    ['tls-server-port', primaryAccess.port],
    ['tls-server-cert-file', primaryAccess.certFile],
    ['tls-server-key-file', primaryAccess.keyFile],
    ['tls-server-ca-file', primaryAccess.caFile],
    ...primaryAccess.allowedNames.map((name): Line => ['tls-server-auth', `${name}=${stanza}`]),
  ]
}
