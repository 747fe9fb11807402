import { z } from 'zod'
import type { Kind } from './kinds.ts'
import type { Config, OptionTable } from './option-table.ts'

/** Marks an issue whose message is the whole complaint about one field; its path leads there. */
export const fieldIssue = 'field'

/**
 * A list of maps with the same fields, each described like an option: `servers: [{ url: ..., seq: 1 }]`. In a flag or an
 * environment variable the list is written as JSON.
 */
export function records<Table extends OptionTable>(fields: Table): Kind<readonly Config<Table>[]> {
  const names = Object.keys(fields)
  return {
    schema: z.unknown().transform((given, context) => {
      const items = typeof given === 'string' ? parseJson(given) : given
      if (!Array.isArray(items)) {
        context.addIssue('not a list')
        return z.NEVER
      }
      return items.map((item, i) => readRecord(fields, item, [i], context))
    }),
    allowed: `a list of maps with the keys ${names.join(', ')}`,
    placeholder: '<json>',
    fields,
    print: (values) =>
      JSON.stringify(
        values.map((value) =>
          Object.fromEntries(
            names
              .map((name) => [name, fields[name]!.kind.print(value[name]!)] as const)
              .filter(([, printed]) => printed !== ''),
          ),
        ),
      ),
  }
}

function readRecord<Table extends OptionTable>(
  fields: Table,
  given: unknown,
  path: readonly (string | number)[],
  context: z.core.$RefinementCtx,
): Config<Table> {
  const say = (key: string | undefined, message: string): void =>
    context.addIssue({
      code: 'custom',
      path: key === undefined ? [...path] : [...path, key],
      message,
      params: { kind: fieldIssue },
    })
  const out: Record<string, unknown> = {}
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    say(
      undefined,
      `was ${JSON.stringify(given)}; allowed: a map with the keys ${Object.keys(fields).join(', ')}`,
    )
    return out as Config<Table>
  }
  for (const key of Object.keys(given)) {
    if (!Object.hasOwn(fields, key)) say(key, `unknown key; allowed: ${Object.keys(fields).join(', ')}`)
  }
  for (const [key, field] of Object.entries(fields)) {
    const value: unknown = Object.hasOwn(given, key) ? (given as Record<string, unknown>)[key] : undefined
    if (value === undefined || value === null) {
      if (Object.hasOwn(field, 'fallback')) out[key] = field.fallback
      else say(key, `missing; allowed: ${field.kind.allowed}`)
      continue
    }
    const result = field.kind.schema.safeParse(value)
    if (result.success) out[key] = result.data
    else say(key, `was ${JSON.stringify(value)}; allowed: ${field.kind.allowed}`)
  }
  // Each key has a value of its kind now, or an issue was added and the whole is refused.
  return out as Config<Table>
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

/** A map of names to texts, such as labels or headers: in a flag or an environment variable as JSON. */
export function texts(options: { pattern: RegExp; allowed: string }): Kind<Readonly<Record<string, string>>> {
  return {
    schema: z
      .unknown()
      .transform((given) => (typeof given === 'string' ? parseJson(given) : given))
      .pipe(z.record(z.string().regex(options.pattern), z.union([z.string(), z.number(), z.boolean()])))
      .transform((map) =>
        Object.fromEntries(Object.entries(map).map(([name, value]) => [name, String(value)])),
      ),
    allowed: options.allowed,
    placeholder: '<json>',
    print: (map) => (Object.keys(map).length === 0 ? '' : JSON.stringify(map)),
  }
}
