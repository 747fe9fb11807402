import { join } from 'node:path'
import type { S3Server } from '../../../testbed/backup/s3/server.ts'
import { writeOwned } from '../../../testbed/postgres-settings.ts'
import type { BackupHerd } from './backup-herd.ts'

/** An object store as a repository of a policy, its secrets in files of the herd. */
export function s3Repository(herd: BackupHerd, s3: S3Server) {
  const secret = (name: string, text: string): string => {
    const path = join(herd.inside('secrets'), name)
    writeOwned(path, `${text}\n`)
    return path
  }
  return {
    ...{ kind: 's3', path: '/repository', bucket: s3.bucket, endpoint: `127.0.0.1:${s3.port}` },
    ...{ region: 'us-east-1', uri_style: 'path', ca_file: s3.caFile },
    key_file: secret('key', s3.keyId),
    key_secret_file: secret('key-secret', s3.keySecret),
    retention: { full: 2 },
  }
}
