import { isMap } from './inventory-text.ts'
import type { Variables } from './inventory-text.ts'
import { readVariables } from './read-variable.ts'

/** Where a cluster's backups are, without its secrets. */
export interface PigstyRepository {
  readonly name: string
  readonly kind: 'local' | 's3'
  readonly path: string
  readonly retention: { readonly type: 'count' | 'time'; readonly full: number }
  readonly isEncrypted: boolean
  readonly isBundled: boolean
  readonly s3:
    | {
        readonly bucket: string
        readonly endpoint: string
        readonly region: string | undefined
        readonly uriStyle: 'host' | 'path' | undefined
        readonly caFile: string | undefined
      }
    | undefined
}

type Note = (variable: string, why: string) => void

/** The entry of `pgbackrest_repo` that `pgbackrest_method` names; undefined where no backup is set up, or nothing can be made of it. */
export function readRepository(variables: Variables, note: Note): PigstyRepository | undefined {
  const read = readVariables(variables, note)
  if (!read.flag('pgbackrest_enabled', true)) return undefined
  const name = read.text('pgbackrest_method') ?? 'local'
  const all = read.map('pgbackrest_repo')
  const given = all[name] ?? (name === 'local' ? usualLocal : undefined)
  if (!isMap(given)) {
    note('pgbackrest_method', `names ${name}, which pgbackrest_repo does not have`)
    return undefined
  }
  const repository = readVariables(given, (variable, why) => note(`pgbackrest_repo.${name}.${variable}`, why))
  const type = repository.text('type') ?? 'posix'
  if (type !== 'posix' && type !== 's3') {
    note(`pgbackrest_repo.${name}.type`, 'neither posix nor s3')
    return undefined
  }
  const endpoint = repository.text('s3_endpoint')
  const bucket = repository.text('s3_bucket')
  if (type === 's3' && (endpoint === undefined || bucket === undefined)) {
    note(`pgbackrest_repo.${name}`, 'an s3 repository without s3_endpoint or s3_bucket')
    return undefined
  }
  const port = repository.whole('storage_port')
  const style = repository.text('s3_uri_style')
  return {
    name,
    kind: type === 's3' ? 's3' : 'local',
    path: repository.text('path') ?? '/pg/backup',
    retention: {
      type: repository.text('retention_full_type') === 'time' ? 'time' : 'count',
      full: repository.whole('retention_full') ?? 2,
    },
    isEncrypted: (repository.text('cipher_type') ?? 'none') !== 'none',
    isBundled: repository.flag('bundle', false),
    s3:
      endpoint === undefined || bucket === undefined
        ? undefined
        : {
            bucket,
            endpoint: port === undefined || port === 443 ? endpoint : `${endpoint}:${port}`,
            region: repository.text('s3_region'),
            uriStyle: style === 'path' || style === 'host' ? style : undefined,
            caFile: repository.text('storage_ca_file'),
          },
  }
}

/** What Pigsty uses where an inventory says nothing. */
const usualLocal = { path: '/pg/backup', retention_full_type: 'count', retention_full: 2 }
