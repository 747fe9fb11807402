import type { z } from 'zod'
import { suggestions } from '../suggestions.ts'
import { parseConfigFile } from './config-file.ts'
import { environmentNameOf, flagOf } from './option-table.ts'
import type { Config, OptionTable } from './option-table.ts'
import { fieldIssue } from './records.ts'

export interface ConfigSources {
  /** Name and text of the file given with --config. */
  readonly file?: { readonly name: string; readonly text: string }
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Of all variables, those that begin with this and `_` are ours. */
  readonly environmentPrefix: string
  /** Flag values by option key. */
  readonly flags: ReadonlyMap<string, string>
}

export interface LoadedConfig<Table extends OptionTable> {
  /** Undefined exactly when there are problems. */
  readonly config: Config<Table> | undefined
  /** Where each value came from, by option key: `default`, `agent.yaml:3`, an environment variable or a flag. */
  readonly origins: ReadonlyMap<string, string>
  /** One line per error: where, path of the key, what it was, what is allowed. */
  readonly problems: readonly string[]
}

/** Resolves a table: defaults, then the file, then the environment, then flags. Reports every error, not the first. */
export function loadConfig<Table extends OptionTable>(
  table: Table,
  sources: ConfigSources,
): LoadedConfig<Table> {
  const problems: string[] = []
  const given = new Map<string, { value: unknown; origin: string }>()

  if (sources.file !== undefined) {
    const { name, text } = sources.file
    const parsed = parseConfigFile(text, name, (path) => Object.hasOwn(table, path))
    problems.push(...parsed.problems)
    for (const [key, entry] of parsed.entries) {
      if (Object.hasOwn(table, key)) given.set(key, { value: entry.value, origin: `${name}:${entry.line}` })
      else
        problems.push(
          `${name}:${entry.line}: ${key}: unknown key; allowed: ${suggestions(key, Object.keys(table))}`,
        )
    }
  }

  const variables = new Map(
    Object.keys(table).map((key) => [environmentNameOf(sources.environmentPrefix, key), key]),
  )
  for (const [name, value] of Object.entries(sources.environment)) {
    if (value === undefined || !name.startsWith(`${sources.environmentPrefix}_`)) continue
    const key = variables.get(name)
    if (key !== undefined) given.set(key, { value, origin: `environment ${name}` })
    else
      problems.push(
        `environment ${name}: unknown variable; allowed: ${suggestions(name, [...variables.keys()])}`,
      )
  }

  for (const [key, value] of sources.flags) given.set(key, { value, origin: `flag ${flagOf(key)}` })

  const config: Record<string, unknown> = {}
  const origins = new Map<string, string>()
  for (const [key, option] of Object.entries(table)) {
    const found = given.get(key)
    if (found === undefined) {
      origins.set(key, 'default')
      config[key] = option.fallback
      if (!Object.hasOwn(option, 'fallback')) {
        const name = environmentNameOf(sources.environmentPrefix, key)
        problems.push(
          `${sources.file?.name ?? 'configuration'}: ${key}: missing; allowed: ${option.kind.allowed} (or ${flagOf(key)}, ${name})`,
        )
      }
      continue
    }
    origins.set(key, found.origin)
    const result = option.kind.schema.safeParse(found.value)
    if (result.success) config[key] = result.data
    else {
      const inside = fieldProblems(result.error.issues).map(
        ({ at, what }) => `${found.origin}: ${key}${at}: ${masked(what)}`,
      )
      const whole = `${found.origin}: ${key}: was ${shown(found.value)}; allowed: ${option.kind.allowed}`
      problems.push(...(inside.length > 0 ? inside : [whole]))
    }
  }
  // The loop above gave every key of the table a value of its kind, or recorded a problem.
  return { config: problems.length === 0 ? (config as Config<Table>) : undefined, origins, problems }
}

/** What is wrong within a list of maps, field by field: `[0].url`. */
function fieldProblems(issues: readonly z.core.$ZodIssue[]): readonly { at: string; what: string }[] {
  return issues
    .filter((issue) => issue.code === 'custom' && issue.params?.['kind'] === fieldIssue)
    .map(({ path, message }) => ({
      at: path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`)).join(''),
      what: message,
    }))
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) as string | undefined
  if (text === undefined) return String(value)
  const safe = masked(text)
  return safe.length > 120 ? `${safe.slice(0, 117)}...` : safe
}

/** A URL in the wrong place may carry a password, and this line goes to terminals and journals. */
function masked(text: string): string {
  return text.replace(/(\/\/[^/@:]*:)[^@/]*@/g, '$1***@')
}
