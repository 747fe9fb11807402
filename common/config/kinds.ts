import { printHostAndPort } from '../listen-on.ts'
import { z } from 'zod'

/**
 * A kind of configuration value: how it is checked and, in words for a person, what is allowed. Flags and
 * environment variables arrive as strings, YAML as strings, numbers, booleans or lists; a kind takes both.
 */
export interface Kind<T> {
  /** Made when it is asked for: a program checks its options once, and schemas take memory as long as they are there. */
  readonly schema: z.ZodType<T>
  /** Completes the sentence "allowed: ...". */
  readonly allowed: string
  /** How `--help` names the value, such as `<duration>`. */
  readonly placeholder: string
  /** A value of this kind as a person would write it. */
  print(value: T): string
  /** Of a list of maps: what each of them may have. */
  readonly fields?: Readonly<Record<string, Field>>
}

/** One key of the maps of a list; required when it has no `fallback`. */
export interface Field {
  readonly kind: Kind<unknown>
  readonly fallback?: unknown
  readonly what: string
}

const durationUnits: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
}

/** Milliseconds of a duration such as `500ms`, `10s`, `1h30m`, `7d`, or undefined when it is none. */
export function parseDuration(text: string): number | undefined {
  if (!/^(\d+(ms|[smhdw]))+$/.test(text)) return undefined
  let total = 0
  for (const [, amount, unit] of text.matchAll(/(\d+)(ms|[smhdw])/g)) {
    total += Number(amount) * durationUnits[unit!]!
  }
  return Number.isSafeInteger(total) ? total : undefined
}

/** The shortest single-unit spelling of a duration in milliseconds: 90000 is `90s`. */
export function printDuration(ms: number): string {
  for (const unit of ['w', 'd', 'h', 'm', 's'] as const) {
    if (ms !== 0 && ms % durationUnits[unit]! === 0) return `${ms / durationUnits[unit]!}${unit}`
  }
  return `${ms}ms`
}

/** A duration in milliseconds, within the given bounds (durations, as they would be written). */
export function duration(bounds: { min: string; max: string }): Kind<number> {
  const min = parseDuration(bounds.min) ?? 0
  const max = parseDuration(bounds.max) ?? Number.MAX_SAFE_INTEGER
  return {
    get schema() {
      return z
        .string()
        .transform((text) => parseDuration(text.trim()) ?? Number.NaN)
        .refine((ms) => ms >= min && ms <= max)
    },
    allowed: `a duration from ${bounds.min} to ${bounds.max}, such as 500ms, 10s, 5m, 1h30m or 30d`,
    placeholder: '<duration>',
    print: printDuration,
  }
}

const byteUnits: Readonly<Record<string, number>> = {
  '': 1,
  B: 1,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
}

/** A size in bytes such as `512MiB` or `2GiB`; a bare number is bytes. */
export function bytes(bounds: { min: number; max: number }): Kind<number> {
  return {
    get schema() {
      return z
        .union([z.string(), z.number()])
        .transform((given) => {
          const match = /^(\d+(?:\.\d+)?)\s*([kKMGT]?i?B)?$/.exec(String(given).trim())
          const unit = byteUnits[match?.[2] ?? '']
          return match === null || unit === undefined ? Number.NaN : Math.round(Number(match[1]) * unit)
        })
        .refine((size) => size >= bounds.min && size <= bounds.max)
    },
    allowed: `a size from ${printBytes(bounds.min)} to ${printBytes(bounds.max)}, such as 64MiB, 2GiB or 500MB`,
    placeholder: '<size>',
    print: printBytes,
  }
}

/** The shortest exact spelling of a size in bytes: 1048576 is `1MiB`. */
export function printBytes(size: number): string {
  for (const unit of ['TiB', 'GiB', 'MiB', 'KiB'] as const) {
    if (size !== 0 && size % byteUnits[unit]! === 0) return `${size / byteUnits[unit]!}${unit}`
  }
  return `${size}B`
}

export function integer(bounds: { min: number; max: number }): Kind<number> {
  return {
    get schema() {
      return z
        .union([
          z.number(),
          z
            .string()
            .regex(/^-?\d+$/)
            .transform(Number),
        ])
        .refine((value) => Number.isSafeInteger(value) && value >= bounds.min && value <= bounds.max)
    },
    allowed: `a whole number from ${bounds.min} to ${bounds.max}`,
    placeholder: '<number>',
    print: String,
  }
}

/** Text that matches a pattern; `allowed` says in words what the pattern means. */
export function text(options: { pattern: RegExp; allowed: string; placeholder?: string }): Kind<string> {
  return {
    get schema() {
      return z.string().regex(options.pattern)
    },
    allowed: options.allowed,
    placeholder: options.placeholder ?? '<text>',
    print: (value) => value,
  }
}

/** `true` or `false`. */
export const boolean: Kind<boolean> = {
  get schema() {
    return z
      .union([z.boolean(), z.enum(['true', 'false'])])
      .transform((given) => given === true || given === 'true')
  },
  allowed: 'true or false',
  placeholder: '<true|false>',
  print: String,
}

export function oneOf<const T extends string>(values: readonly T[]): Kind<T> {
  return {
    get schema() {
      return z.custom<T>((given) => values.some((value) => value === given))
    },
    allowed: `one of ${values.join(', ')}`,
    placeholder: `<${values.join('|')}>`,
    print: (value) => value,
  }
}

/** A file or directory name; relative ones are taken from where the program was started. */
export const path: Kind<string> = {
  get schema() {
    return z.string().regex(/^[^\u0000]+$/)
  },
  allowed: 'a path',
  placeholder: '<path>',
  print: (value) => value,
}

/** An absolute URL of one of the given schemes, without a trailing slash. */
export function url(schemes: readonly string[]): Kind<string> {
  return {
    get schema() {
      return z
        .string()
        .refine((given) => URL.canParse(given) && schemes.includes(new URL(given).protocol.slice(0, -1)))
        .transform((given) => given.replace(/\/+$/, ''))
    },
    allowed: `an absolute URL that starts with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`,
    placeholder: '<url>',
    print: hidePassword,
  }
}

/** The URL with its password, if any, replaced: configuration is printed and logged. */
export function hidePassword(given: string): string {
  const parsed = new URL(given)
  if (parsed.password === '') return given
  parsed.password = '***'
  return parsed.toString()
}

/** Zero or more values of one kind: a YAML list, or one string with commas between. */
export function list<T>(kind: Kind<T>): Kind<readonly T[]> {
  return {
    get schema() {
      return z
        .union([
          z.array(z.unknown()),
          z
            .string()
            .transform((joined) => (joined.trim() === '' ? [] : joined.split(',').map((one) => one.trim()))),
        ])
        .pipe(z.array(kind.schema))
    },
    allowed: `a list (YAML list, or separated by commas); each ${kind.allowed}`,
    placeholder: `${kind.placeholder},...`,
    print: (values) => values.map((value) => kind.print(value)).join(','),
  }
}

/** A loopback `host:port` to listen on; port 0 lets the kernel choose. Other hosts need TLS, so they are refused. */
export const loopbackListen: Kind<{ readonly host: string; readonly port: number }> = {
  get schema() {
    return z.string().transform((given, context) => {
      const match = /^(127\.\d+\.\d+\.\d+|localhost|\[::1\]):(\d{1,5})$/.exec(given)
      const port = Number(match?.[2])
      if (match === null || port > 65_535) {
        context.addIssue('not a loopback address')
        return z.NEVER
      }
      return { host: match[1]!.replace(/^\[|\]$/g, ''), port }
    })
  },
  allowed: 'a loopback address and port, such as 127.0.0.1:8432 or [::1]:8432 (other addresses need TLS)',
  placeholder: '<host:port>',
  print: printHostAndPort,
}
