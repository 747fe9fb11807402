import { posix } from 'node:path'
import type { BackupPolicy } from '../../../common/backup/backup-policy.ts'
import { placeOfRepository } from './tell-repository.ts'

/**
 * What clusters of one host must not have in common: a configuration file that is written as a whole for one of them, so that the
 * others could not archive, and a place that is one cluster's alone. pgBackRest keeps the clusters of a repository apart by their
 * stanzas; a directory of pg_basebackup's backups belongs to one cluster, since the retention counts all of them.
 * @returns one line each, from the key on
 */
export function sharedPlaces(policies: readonly BackupPolicy[]): readonly string[] {
  const problems: string[] = []
  const owners = new Map<string, string>()
  const take = (policy: BackupPolicy, what: string, key: string, told: string, allowed: string): void => {
    const owner = owners.get(what)
    if (owner === undefined) owners.set(what, policy.cluster)
    else if (owner !== policy.cluster)
      problems.push(
        `clusters.${policy.cluster}.${key}: was ${told}; allowed: ${allowed}, since ${owner} has it`,
      )
  }
  for (const policy of policies) {
    const { engine, config, configFile, stanza } = policy
    const path = posix.resolve(configFile)
    if (engine === 'pgbackrest' && config === 'write')
      take(policy, `config ${path}`, 'config_file', path, 'a file of its own for each cluster of a host')
    for (const [i, one] of policy.repositories.entries()) {
      const place =
        one.kind === 'local' ? posix.resolve(one.path) : `${one.endpoint} ${placeOfRepository(one)}`
      const key = `repositories[${i}].path`
      if (engine === 'pg_basebackup') take(policy, `backups ${place}`, key, place, 'a directory of its own')
      else
        take(
          policy,
          `stanza ${stanza} ${place}`,
          key,
          place,
          `another place or another stanza than ${stanza}`,
        )
    }
  }
  return problems
}
