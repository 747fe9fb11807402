import type { RepositoryPolicy } from '../../../common/backup/backup-policy.ts'

/** Such as `s3 backups/pg-main` or `/var/lib/pgbackrest`; no secrets. */
export function placeOfRepository(one: RepositoryPolicy): string {
  return one.kind === 'local' ? one.path : `s3 ${one.bucket}${one.path}`
}

/** What a repository is and keeps, in half a sentence. */
export function tellRepository(one: RepositoryPolicy): string {
  const { full, diff } = one.retention
  const kept =
    full === null
      ? 'keeps everything'
      : full.kind === 'days'
        ? `keeps what ${full.value} days need`
        : `keeps ${full.value} full ${full.value === 1 ? 'backup' : 'backups'}`
  const parts = [
    placeOfRepository(one),
    ...(one.kind === 's3' ? [`at ${one.endpoint} (${one.uriStyle} style)`] : []),
    ...(one.kind === 'local' && one.isShared ? ['the same on every member'] : []),
    one.cipherPassFile === null ? 'not encrypted' : 'encrypted with aes-256-cbc',
    diff === null ? kept : `${kept} and ${diff} differential ones`,
  ]
  return parts.join(', ')
}
