/** What a configuration of pgBackRest that somebody else keeps says of one stanza. */
export interface ExistingConfig {
  readonly dataDirectory: string | null
  readonly repositories: readonly ExistingRepository[]
  /** One line for each thing that a policy cannot do without. */
  readonly problems: readonly string[]
}

export interface ExistingRepository {
  readonly repository: number
  /** Such as `s3 backups/pg-main` or `/var/lib/pgbackrest`; no secrets. */
  readonly where: string
  /** Null where it is not one of this host. */
  readonly directory: string | null
  readonly isEncrypted: boolean
  /** As a person would say it; null: nothing is ever deleted. */
  readonly retention: string | null
}

type Section = ReadonlyMap<string, string>

/**
 * Reads pgBackRest's file (https://pgbackrest.org/configuration.html): a stanza's own section goes before `global`. Sections of
 * single commands and included files are left alone.
 */
export function readExistingConfig(text: string, stanza: string): ExistingConfig {
  const sections = sectionsOf(text)
  const own = sections.get(stanza)
  const all: Section = new Map([...(sections.get('global') ?? []), ...(own ?? [])])
  const numbers = [...all.keys()].flatMap((name) => {
    const number = /^repo(\d{0,3})-/.exec(name)?.[1]
    return number === undefined ? [] : [number === '' ? 1 : Number(number)]
  })
  // Without one pgBackRest takes /var/lib/pgbackrest.
  const known = [...new Set(numbers.length === 0 ? [1] : numbers)].sort((a, b) => a - b)
  const repositories = known.map((repository) => describe(repository, all))
  const dataDirectory = all.get('pg1-path') ?? all.get('pg-path') ?? null
  const problems: string[] = []
  if (own === undefined) problems.push(`there is no section [${stanza}]`)
  else if (dataDirectory === null) problems.push(`[${stanza}] has no pg1-path`)
  for (const [i, repository] of known.entries()) {
    if (repositories[i]?.retention === null)
      problems.push(`repo${repository}-retention-full is missing: nothing is ever deleted`)
  }
  return { dataDirectory, repositories, problems }
}

function sectionsOf(text: string): ReadonlyMap<string, Section> {
  const sections = new Map<string, Map<string, string>>()
  let current = new Map<string, string>()
  for (const raw of text.split('\n')) {
    const line = raw.trim()
    if (line === '' || line.startsWith('#')) continue
    const name = /^\[(.*)\]$/.exec(line)?.[1]
    if (name !== undefined) {
      current = sections.get(name) ?? new Map<string, string>()
      sections.set(name, current)
      continue
    }
    const at = line.indexOf('=')
    if (at > 0) current.set(line.slice(0, at).trim(), line.slice(at + 1).trim())
  }
  return sections
}

function describe(repository: number, all: Section): ExistingRepository {
  const get = (name: string): string | undefined =>
    all.get(`repo${repository}-${name}`) ?? (repository === 1 ? all.get(`repo-${name}`) : undefined)
  const type = get('type') ?? 'posix'
  const path = get('path') ?? '/var/lib/pgbackrest'
  const host = get('host')
  const bucket = get('s3-bucket') ?? get('gcs-bucket') ?? get('azure-container')
  const isLocal = host === undefined && (type === 'posix' || type === 'cifs')
  const full = get('retention-full')
  return {
    repository,
    where:
      host !== undefined
        ? `${host}:${path}`
        : bucket !== undefined
          ? `${type} ${bucket}${path}`
          : isLocal
            ? path
            : `${type} ${path}`,
    directory: isLocal ? path : null,
    isEncrypted: (get('cipher-type') ?? 'none') !== 'none',
    retention:
      full === undefined
        ? null
        : get('retention-full-type') === 'time'
          ? `what ${full} days need`
          : `${full} full ${full === '1' ? 'backup' : 'backups'}`,
  }
}
