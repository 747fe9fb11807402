import { posix } from 'node:path'
import { printDuration } from '../../../common/config/kinds.ts'
import type { Mistake } from './mistake.ts'
import { scheduleOf } from './schedule.ts'
import type { ClusterFile, RepositoryFile } from './schema.ts'
import { withDefaults } from './with-defaults.ts'
import type { PolicyFacts } from './with-defaults.ts'
import { withoutMeaning } from './without-meaning.ts'

/** All of them, of one cluster whose keys are good one by one. */
export function crossChecks(cluster: string, file: ClusterFile, facts: PolicyFacts): readonly Mistake[] {
  return [
    ...withoutMeaning(file),
    ...ofSchedules(file),
    ...ofRepositories(file),
    ...ofStandby(file),
    ...ofDirectories(cluster, file, facts),
    ...ofTimes(cluster, file, facts),
    ...ofCompression(file),
  ]
}

function ofSchedules({ schedules, engine }: ClusterFile): readonly Mistake[] {
  if (engine === 'pg_basebackup') return []
  if (schedules?.full !== undefined) return ofShadowed(schedules)
  if (schedules?.diff === undefined && schedules?.incr === undefined) return []
  return [
    {
      path: ['schedules', 'full'],
      allowed: `a cron expression: what ${schedules.diff === undefined ? 'incr' : 'diff'} makes depends on a full backup, which would never be renewed`,
    },
  ]
}

/** Where two have one moment the fuller one is made. */
function ofShadowed(schedules: NonNullable<ClusterFile['schedules']>): readonly Mistake[] {
  const moments = scheduleOf({ schedules, timeZone: 'UTC', windowMs: 1 }).next(0)
  return (['diff', 'incr'] as const).flatMap((type) =>
    schedules[type] === undefined || moments.some(({ operation }) => operation === type)
      ? []
      : [
          {
            path: ['schedules', type],
            allowed: 'moments at which no fuller backup is made as well: that one is made instead',
          },
        ],
  )
}

function ofRepositories(file: ClusterFile): readonly Mistake[] {
  if (file.config === 'existing') return []
  const repositories = file.repositories ?? []
  if (repositories.length === 0) {
    return [{ path: ['repositories'], allowed: 'a list with at least one repository' }]
  }
  const places = repositories.map(placeOf)
  return repositories.flatMap(({ kind, block, bundle }, i): Mistake[] => {
    const same = places.findIndex((place) => place === places[i])
    return [
      ...(same < i
        ? [{ path: ['repositories', i, 'path'], allowed: `another place than that of repositories[${same}]` }]
        : []),
      ...(block === true && !(bundle ?? kind === 's3')
        ? [{ path: ['repositories', i, 'bundle'], allowed: 'true, since block needs it' }]
        : []),
    ]
  })
}

function placeOf(one: RepositoryFile): string {
  const path = posix.resolve(one.path)
  return one.kind === 'local' ? path : `${one.endpoint.toLowerCase()}/${one.bucket}${path}`
}

/** pgBackRest on a standby asks the primary to begin and end the backup, and copies a part of it from there. */
function ofStandby(file: ClusterFile): readonly Mistake[] {
  const addresses = (file.members ?? []).map(({ address }) => address)
  const twice = addresses.flatMap((address, i) =>
    addresses.indexOf(address) < i
      ? [{ path: ['members', i, 'address'], allowed: 'each member once' } satisfies Mistake]
      : [],
  )
  const { where, engine, config = 'write' } = file
  if (where !== 'standby' || engine === 'pg_basebackup' || config === 'existing') return twice
  const ways: Mistake[] = []
  if (file.primary_access === undefined) {
    ways.push({
      path: ['primary_access'],
      allowed:
        'kind: tls with cert_file, key_file, ca_file and allowed_names, since pgBackRest on a standby must reach the primary',
    })
  }
  if (addresses.length < 2) {
    ways.push({
      path: ['members'],
      allowed: 'all members of the cluster, each with its address: a standby must know its primary',
    })
  }
  const unshared = (file.repositories ?? []).flatMap((one, i) =>
    one.kind === 'local' && one.shared !== true
      ? [
          {
            path: ['repositories', i, 'shared'],
            allowed:
              'true for a directory that is mounted on every member; with where: standby the WAL of the primary and the backup must be in one place',
          } satisfies Mistake,
        ]
      : [],
  )
  return [...twice, ...ways, ...unshared]
}

function ofDirectories(cluster: string, file: ClusterFile, facts: PolicyFacts): readonly Mistake[] {
  const { drill, repositories } = withDefaults(cluster, file, facts)
  const data = [
    facts.dataDirectory(cluster),
    ...(file.members ?? []).map((one) => one.data_directory),
  ].filter((one) => typeof one === 'string')
  const mistakes: Mistake[] = []
  const inData = data.find((one) => isWithin(drill.directory, one) || isWithin(one, drill.directory))
  if (inData !== undefined) {
    mistakes.push({
      path: ['drill', 'directory'],
      allowed: `a directory apart from the data directory ${inData}`,
    })
  }
  for (const [i, one] of repositories.entries()) {
    if (one.kind !== 'local') continue
    const around = data.find((directory) => isWithin(one.path, directory))
    if (around !== undefined) {
      const path = ['repositories', i, 'path']
      mistakes.push({ path, allowed: `a directory outside of the data directory ${around}` })
    }
    if (isWithin(drill.directory, one.path)) {
      mistakes.push({ path: ['drill', 'directory'], allowed: `a directory outside of repositories[${i}]` })
    }
  }
  return mistakes
}

function ofTimes(cluster: string, file: ClusterFile, facts: PolicyFacts): readonly Mistake[] {
  const policy = withDefaults(cluster, file, facts)
  const mistakes: Mistake[] = []
  const above = (path: readonly string[], ms: number, key: string, isLess: boolean) => {
    const allowed = `a duration ${isLess ? 'below' : 'above'} ${printDuration(ms)}, that of ${key}`
    mistakes.push({ path, allowed })
  }
  if (policy.protocolTimeoutMs <= policy.ioTimeoutMs)
    above(['protocol_timeout'], policy.ioTimeoutMs, 'io_timeout', false)
  if (policy.retry.longestMs < policy.retry.firstMs)
    above(['retry', 'longest'], policy.retry.firstMs, 'first', false)
  if (policy.where === 'standby' && policy.fallbackAfterMs >= policy.windowMs)
    above(['fallback_after'], policy.windowMs, 'window', true)
  return mistakes
}

function ofCompression({ engine, compression }: ClusterFile): readonly Mistake[] {
  const mistakes: Mistake[] = []
  if (compression?.type === 'none' && compression.level !== undefined)
    mistakes.push({ path: ['compression', 'level'], allowed: 'nothing with type: none' })
  if ((compression?.type === 'bz2' || compression?.type === 'lz4') && engine === 'pg_basebackup')
    mistakes.push({ path: ['compression', 'type'], allowed: 'one of none, gz, zst with pg_basebackup' })
  return mistakes
}

/** Whether a path is the directory or within it. */
function isWithin(path: string, directory: string): boolean {
  const [one, other] = [posix.resolve(path), posix.resolve(directory)]
  return one === other || one.startsWith(other === '/' ? other : `${other}/`)
}
