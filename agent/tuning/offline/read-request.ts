import { parseArgs } from 'node:util'
import { PgherdError } from '../../../common/errors.ts'
import { suggestions } from '../../../common/suggestions.ts'
import { settingValue } from '../../postgres/setting-value.ts'
import { diskClasses, profiles } from '../recommend/machine.ts'
import { plannedMajors } from '../recommend/planned-server.ts'
import { formats } from './request.ts'
import type { TuneRequest } from './request.ts'

const withValue = [
  'pg',
  'cpu',
  'memory',
  'profile',
  'connections',
  'disk',
  'disk-size',
  'wal-disk-size',
  'data-size',
  'data-directory',
  'format',
] as const
const withoutValue = ['offline', 'for-new-cluster', 'lz4'] as const
type Name = (typeof withValue)[number]

const known: readonly string[] = [...withValue, ...withoutValue]

/**
 * The options behind `pgherd-agent tune`.
 * @throws PgherdError USAGE, with a line for each thing that is wrong: what it was and what is allowed
 */
export function readRequest(argv: readonly string[]): TuneRequest {
  const { values, flags, problems } = readOptions(argv)
  const read = <T>(name: Name, allowed: string, parse: (text: string) => T | undefined): T | undefined => {
    const text = values.get(name)
    if (text === undefined) return undefined
    const value = parse(text)
    if (value === undefined) problems.push(`--${name}: was "${text}"; allowed: ${allowed}`)
    return value
  }
  const size = (name: Name, least: string): number | undefined =>
    read(name, `a size of ${least} or more, such as 512MB, 64GB or 2TB`, (text) => parseSize(text, least))
  const oneOf = <T extends string>(name: Name, all: readonly T[]): T | undefined =>
    read(name, `one of ${all.join(', ')}`, (text) => all.find((one) => one === text))
  const count = (name: Name, least: number, most: number): number | undefined =>
    read(name, `a whole number from ${least} to ${most}`, (text) => {
      const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
      return value >= least && value <= most ? value : undefined
    })

  const request = {
    what: flags.has('for-new-cluster') ? 'new-cluster' : 'offline',
    major: read('pg', `a major version: ${plannedMajors.join(', ')}`, (text) =>
      plannedMajors.find((major) => String(major) === text),
    ),
    profile: oneOf('profile', profiles) ?? 'mixed',
    processors: count('cpu', 1, 4096),
    memoryBytes: size('memory', '256MB'),
    diskClass: oneOf('disk', diskClasses),
    diskBytes: size('disk-size', '1GB'),
    walDiskBytes: size('wal-disk-size', '1GB'),
    databaseBytes: size('data-size', '1MB'),
    connections: count('connections', 10, 100_000),
    hasLz4: flags.has('lz4'),
    dataDirectory: values.get('data-directory'),
    format: oneOf('format', formats) ?? (flags.has('for-new-cluster') ? 'conf' : 'table'),
  } as const
  problems.push(...missing(flags, values))
  const { major } = request
  if (problems.length > 0 || major === undefined) {
    throw new PgherdError('USAGE', [...problems, 'see pgherd-agent tune --help'].join('\n'))
  }
  return { ...request, major }
}

function readOptions(argv: readonly string[]): {
  readonly values: ReadonlyMap<string, string>
  readonly flags: ReadonlySet<string>
  readonly problems: string[]
} {
  const values = new Map<string, string>()
  const flags = new Set<string>()
  const problems: string[] = []
  const { tokens } = parseArgs({
    args: [...argv],
    options: {
      ...Object.fromEntries(withValue.map((name) => [name, { type: 'string' as const }])),
      ...Object.fromEntries(withoutValue.map((name) => [name, { type: 'boolean' as const }])),
    },
    strict: false,
    allowPositionals: true,
    tokens: true,
  })
  for (const token of tokens) {
    if (token.kind === 'positional') problems.push(`unexpected argument ${token.value}`)
    if (token.kind !== 'option') continue
    const { name, rawName, value } = token
    if (!known.includes(name) || !rawName.startsWith('--')) {
      const near = suggestions(name, known).split(', ')
      problems.push(`unknown option ${rawName}; allowed: ${near.map((one) => `--${one}`).join(', ')}`)
    } else if (values.has(name) || flags.has(name)) problems.push(`--${name} was given twice`)
    else if (withoutValue.some((flag) => flag === name)) {
      if (value !== undefined) problems.push(`--${name} takes no value`)
      flags.add(name)
    } else if (value === undefined || (value.startsWith('--') && !token.inlineValue)) {
      problems.push(`--${name} needs a value`)
    } else values.set(name, value)
  }
  return { values, flags, problems }
}

function missing(flags: ReadonlySet<string>, values: ReadonlyMap<string, string>): readonly string[] {
  const [isOffline, isNew] = [flags.has('offline'), flags.has('for-new-cluster')]
  if (isOffline && isNew) return ['--offline and --for-new-cluster exclude each other']
  if (!isOffline && !isNew) {
    return ['tune takes --offline (a machine that is described) or --for-new-cluster (this machine)']
  }
  const problems: string[] = []
  const need = (name: Name, what: string): void => {
    if (!values.has(name)) problems.push(`--${name} is missing: ${what}`)
  }
  need('pg', `the major version of PostgreSQL, ${plannedMajors.join(', ')}`)
  if (isOffline) {
    need('cpu', 'the number of processors, such as 16')
    need('memory', 'the memory for PostgreSQL, such as 64GB')
    if (values.has('data-directory')) {
      problems.push(
        '--data-directory is looked at with --for-new-cluster; --offline takes --disk and --disk-size',
      )
    }
  }
  return problems
}

/** Bytes of a size in PostgreSQL's units; GiB is the same as GB there. Undefined when it is none, or less than the least. */
function parseSize(text: string, least: string): number | undefined {
  const [wanted, lowest] = [text, least].map((one) => {
    if (!/^\d+(\.\d+)?\s*([kMGT]i?B|B)$/.test(one)) return Number.NaN
    return Number(settingValue(one.replace('iB', 'B'), { vartype: 'integer', unit: 'B' }))
  })
  return wanted! >= lowest! ? wanted : undefined
}
