import type { KnownPassword } from '../../common/known-passwords/known-passwords.ts'
import type { Inventory } from './inventory.ts'
import type { Variables } from './inventory-text.ts'
import { isMap } from './inventory-text.ts'
import type { Question } from './question.ts'

/** Lists of accounts, and which of their entries' keys are secrets. */
const accounts = [
  { list: 'pg_users', name: 'name', secret: 'password' },
  { list: 'minio_users', name: 'access_key', secret: 'secret_key' },
] as const

/** What of Pigsty's own parts stands for a host that has them, so that a password that is not given is its sample. */
const needs: Readonly<Record<string, string>> = {
  pg_admin_password: 'pg_seq',
  pg_monitor_password: 'pg_seq',
  pg_replication_password: 'pg_seq',
  patroni_password: 'pg_seq',
  haproxy_admin_password: 'pg_seq',
  grafana_admin_password: 'infra_seq',
  minio_secret_key: 'minio_seq',
  etcd_root_password: 'etcd_seq',
}

/** Well-known passwords in an inventory, and those that hold because it gives none: which variable it is, and never the password. */
export function judgeSecrets(inventory: Inventory, known: readonly KnownPassword[]): readonly Question[] {
  const found = inventory.hosts.flatMap(({ name, variables }) => [
    ...ofVariables(variables, known).map((what) => ({ what, name })),
    ...ofAccounts(variables, known).map((what) => ({ what, name })),
    ...ofRepositories(variables, known).map((what) => ({ what, name })),
  ])
  return [...Map.groupBy(found, ({ what }) => what)].map(([what, ones]) => ({
    where: whereOf([...new Set(ones.map(({ name }) => name))], inventory.hosts.length),
    what,
  }))
}

function ofVariables(variables: Variables, known: readonly KnownPassword[]): readonly string[] {
  const named = Map.groupBy(known, ({ variable }) => variable)
  return [...named].flatMap(([variable, ones]) => {
    if (variable === undefined) return []
    const given = variables[variable]
    const match = ones.find(({ password }) => password === given)
    if (match !== undefined) return [`${variable} is one of the ${match.set}: change it`]
    const needed = needs[variable]
    return given === undefined && needed !== undefined && variables[needed] !== undefined
      ? [`${variable} is not given, so that one of the ${ones[0]?.set ?? ''} holds: change it`]
      : []
  })
}

function ofAccounts(variables: Variables, known: readonly KnownPassword[]): readonly string[] {
  return accounts.flatMap(({ list, name, secret }) => {
    const entries = variables[list]
    if (!Array.isArray(entries)) return []
    return entries.filter(isMap).flatMap((entry) => {
      const match = known.find(({ password }) => password === entry[secret])
      const who = typeof entry[name] === 'string' ? entry[name] : 'an entry'
      return match === undefined
        ? []
        : [`${secret} of ${who} in ${list} is one of the ${match.set}: change it`]
    })
  })
}

function ofRepositories(variables: Variables, known: readonly KnownPassword[]): readonly string[] {
  const all = variables['pgbackrest_repo']
  if (!isMap(all)) return []
  return Object.entries(all).flatMap(([repository, given]) =>
    isMap(given)
      ? ['s3_key_secret', 'cipher_pass'].flatMap((key) => {
          const match = known.find(({ password }) => password === given[key])
          return match === undefined
            ? []
            : [`${key} of ${repository} in pgbackrest_repo is one of the ${match.set}: change it`]
        })
      : [],
  )
}

function whereOf(hosts: readonly string[], all: number): string {
  if (hosts.length === all && all > 1) return 'all hosts'
  return hosts.length > 3 ? `${hosts.slice(0, 3).join(', ')} and ${hosts.length - 3} more` : hosts.join(', ')
}
