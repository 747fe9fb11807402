import type { S3Server } from './s3/server.ts'

/** Where a repository of pgBackRest is to be. */
export interface RepositoryOptions {
  /** An existing directory of the servers' user; one of its own unless told. Not for S3. */
  readonly path?: string
  /** In a bucket of this server, in place of a directory. */
  readonly s3?: S3Server
  /** `path` unless told: whether the bucket is in the path or in the name of the host. */
  readonly s3Style?: 'path' | 'host'
  /** Encrypts it with aes-256-cbc. */
  readonly cipherPass?: string
  /** Full backups to keep; 2 unless told. */
  readonly retentionFull?: number
}

/** A repository of an archiving server. */
export interface Repository {
  /** From 1 on: `repo1`. */
  readonly key: number
  readonly kind: 'posix' | 's3'
  /** Where its files are on this machine, whatever its kind: `backup/STANZA/...` and `archive/STANZA/...` are below. */
  readonly path: string
  readonly s3?: S3Server
}

/**
 * The options of one repository in pgBackRest's configuration
 * (https://pgbackrest.org/configuration.html#section-repository).
 */
export function repositoryOptions(
  repository: Repository,
  options: RepositoryOptions,
): Readonly<Record<string, string>> {
  const { s3, s3Style = 'path', cipherPass, retentionFull = 2 } = options
  const place =
    s3 === undefined
      ? { path: repository.path }
      : {
          type: 's3',
          path: '/repository',
          's3-bucket': s3.bucket,
          's3-endpoint': s3.hostName,
          'storage-host': '127.0.0.1',
          'storage-port': String(s3.port),
          'storage-ca-file': s3.caFile,
          's3-region': 'us-east-1',
          's3-key': s3.keyId,
          's3-key-secret': s3.keySecret,
          's3-uri-style': s3Style,
        }
  const cipher = cipherPass === undefined ? {} : { 'cipher-type': 'aes-256-cbc', 'cipher-pass': cipherPass }
  const all = { ...place, ...cipher, 'retention-full': String(retentionFull) }
  return Object.fromEntries(
    Object.entries(all).map(([name, value]) => [`repo${repository.key}-${name}`, value]),
  )
}
