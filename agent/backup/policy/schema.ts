import { z } from 'zod'
import { clusterKey } from '../../../common/backup/backup-policy.ts'
import { boolean, bytes, duration, integer, oneOf } from '../../../common/config/kinds.ts'
import { absolutePath, cron, keys, line, listOf, of, retentionFull, timeZone } from './fields.ts'

/** What /etc/pgherd/backup.yaml may say; what it leaves out is undefined, and gets its default when it is read. */

const flag = of(boolean)
const count = (min: number, max: number) => of(integer({ min, max }))
const time = (min: string, max: string) => of(duration({ min, max }))
const size = of(bytes({ min: 1, max: 2 ** 60 }))
/** `none` lifts the limit. */
const limit = <T>(one: z.ZodType<T>) =>
  z.unknown().transform((given, context): T | null => {
    if (given === 'none') return null
    const read = one.safeParse(given)
    if (read.success) return read.data
    context.addIssue({
      code: 'custom',
      message: `${read.error.issues[0]?.message ?? ''}, or none for no limit`,
    })
    return z.NEVER
  })

const schedules = keys({
  full: cron.exactOptional(),
  diff: cron.exactOptional(),
  incr: cron.exactOptional(),
  verify: cron.exactOptional(),
  drill: cron.exactOptional(),
})

const ofAllRepositories = {
  path: absolutePath,
  retention: keys({ full: retentionFull, diff: count(1, 9_999_999).optional() }),
  cipher_pass_file: absolutePath.optional(),
  bundle: flag.optional(),
  block: flag.optional(),
}
const hostAndPort = /^(?=.{1,255}$)(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/
export const localRepository = keys({
  kind: z.literal('local'),
  ...ofAllRepositories,
  shared: flag.optional(),
})
export const s3Repository = keys({
  kind: z.literal('s3'),
  ...ofAllRepositories,
  bucket: line('the name of a bucket', /^[A-Za-z0-9._-]{1,255}$/),
  endpoint: line('host or host:port, without https:// (it is always TLS)', hostAndPort),
  region: line('the name of a region, such as us-east-1', /^[A-Za-z0-9._-]{1,64}$/).optional(),
  key_file: absolutePath,
  key_secret_file: absolutePath,
  uri_style: of(oneOf(['host', 'path'])).optional(),
  ca_file: absolutePath.optional(),
  verify_tls: flag.optional(),
})
const repository = z.discriminatedUnion('kind', [localRepository, s3Repository], {
  error: 'a repository with kind: local or kind: s3',
})

const address = line('the address or name of a host', /^[A-Za-z0-9._:-]{1,255}$/)
const member = keys({
  address,
  data_directory: absolutePath.optional(),
  port: count(1, 65_535).optional(),
  socket_directory: absolutePath.optional(),
})
const primaryAccess = keys({
  kind: z.literal('tls', { error: 'tls' }),
  cert_file: absolutePath,
  key_file: absolutePath,
  ca_file: absolutePath,
  port: count(1, 65_535).optional(),
  allowed_names: listOf(line('the common name of a certificate', /^[^\s=,]{1,64}$/), 'names').min(
    1,
    'the common names of the certificates of the members',
  ),
})

const drill = keys({
  directory: absolutePath.optional(),
  keep_free_percent: count(0, 99).optional(),
  target: of(oneOf(['latest', 'immediate'])).optional(),
  amcheck: flag.optional(),
  queries: listOf(
    keys({
      database: line('the name of a database', /^[^\p{Cc}]{1,63}$/u),
      sql: z.string({ error: 'SQL' }).min(1, 'SQL').max(10_000, 'SQL of at most 10000 characters'),
      what: line('what it proves, in words'),
    }),
    'queries',
  ).optional(),
  timeout: time('1m', '7d').optional(),
})

export const clusterFile = keys({
  engine: of(oneOf(['pgbackrest', 'pg_basebackup'])).optional(),
  stanza: line('letters, digits, _, . and -', /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,62}$/).optional(),
  config: of(oneOf(['write', 'existing'])).optional(),
  config_file: absolutePath.optional(),
  time_zone: timeZone.optional(),
  schedules: schedules.optional(),
  window: time('5m', '7d').optional(),
  where: of(oneOf(['primary', 'standby'])).optional(),
  fallback_after: time('0s', '7d').optional(),
  members: listOf(member, 'members').optional(),
  primary_access: primaryAccess.optional(),
  repositories: z
    .array(repository, { error: 'a list of repositories' })
    .max(16, 'a list of at most 16 repositories')
    .optional(),
  compression: keys({
    type: of(oneOf(['none', 'gz', 'lz4', 'zst', 'bz2'])).optional(),
    level: count(0, 9).optional(),
  }).optional(),
  process_max: count(1, 999).optional(),
  max_rate: of(bytes({ min: 32 * 1024, max: 2 ** 30 })).optional(),
  nice: count(0, 19).optional(),
  io_timeout: time('1s', '1h').optional(),
  protocol_timeout: time('2s', '7d').optional(),
  log_path: absolutePath.optional(),
  lock_path: absolutePath.optional(),
  archive: keys({
    managed: flag.optional(),
    async: flag.optional(),
    spool_path: absolutePath.optional(),
    queue_max: limit(of(bytes({ min: 2 ** 26, max: 2 ** 52 }))).optional(),
    timeout: time('1s', '1d').optional(),
  }).optional(),
  retry: keys({
    attempts: count(1, 100).optional(),
    first: time('1s', '1h').optional(),
    longest: time('1s', '6h').optional(),
  }).optional(),
  guard: keys({
    load_per_cpu: limit(
      of<number>({
        schema: z.number().min(0.1).max(1_000),
        allowed: 'a number from 0.1 to 1000',
        placeholder: '',
        print: String,
      }),
    ).optional(),
    active_sessions: limit(count(1, 100_000)).optional(),
    lag: limit(size).optional(),
    io_pressure_percent: limit(count(1, 100)).optional(),
  }).optional(),
  drill: drill.optional(),
  // A command ends after a day.
  restore: keys({ timeout: time('1m', '1d').optional() }).optional(),
})
export type ClusterFile = z.output<typeof clusterFile>
export type RepositoryFile = z.output<typeof repository>

export const backupFile = keys({
  clusters: z.record(clusterKey, clusterFile, {
    error: 'a map of clusters by their names, as identity.cluster has them',
  }),
})
