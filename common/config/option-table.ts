import type { Kind } from './kinds.ts'

/**
 * One option of a program. Its key in the table is its path in the YAML file (`spool.max_bytes`); the flag
 * (`--spool-max-bytes`), the environment variable (`PGHERD_AGENT_SPOOL_MAX_BYTES`) and the help text follow
 * from it, so that none of them can disagree.
 */
export interface Option<T> {
  readonly kind: Kind<T>
  /** Used when nothing is given; an option without one is required. */
  readonly fallback?: T
  /** One sentence for `--help` and the reference. */
  readonly what: string
}

/** An option that must be given. */
export function required<T>(kind: Kind<T>, what: string): Option<T> {
  return { kind, what }
}

/** An option with a default. */
export function option<T>(kind: Kind<T>, what: string, fallback: NoInfer<T>): Option<T> {
  return { kind, what, fallback }
}

/** An option that may stay unset; it is then undefined. */
export function optional<T>(kind: Kind<T>, what: string): Option<T | undefined> {
  const { allowed, placeholder } = kind
  return {
    kind: {
      get schema() {
        return kind.schema
      },
      allowed,
      placeholder,
      print: (value) => (value === undefined ? '' : kind.print(value)),
    },
    what,
    fallback: undefined,
  }
}

// `never` in the parameter position of print() makes every Option<T> assignable to this.
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a table holds options of many types
export type OptionTable = Readonly<Record<string, Option<any>>>

/** The resolved configuration of a table: `config['spool.max_bytes']` is a number. */
export type Config<Table extends OptionTable> = {
  readonly [Key in keyof Table]: Table[Key] extends Option<infer T> ? T : never
}

export function flagOf(key: string): string {
  return `--${key.replaceAll(/[._]/g, '-')}`
}

export function environmentNameOf(prefix: string, key: string): string {
  return `${prefix}_${key.replaceAll('.', '_').toUpperCase()}`
}

/** Every option with its value as text, passwords in URLs replaced. */
export function printOptions<Table extends OptionTable>(
  table: Table,
  config: Config<Table>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(table).map(([key, option]) => [
      key,
      option.kind.print(config[key as keyof Table] as never),
    ]),
  )
}
