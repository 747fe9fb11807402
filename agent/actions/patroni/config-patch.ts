/** Patroni's dynamic configuration and what changes it: JSON objects, null removes (RFC 7396 for objects). */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json }
export type JsonObject = Readonly<Record<string, Json>>

/** What PATCH /config makes of it. */
export function applyPatch(config: JsonObject, patch: JsonObject): JsonObject {
  const result = new Map(Object.entries(config))
  for (const [name, value] of Object.entries(patch)) {
    const before = result.get(name)
    if (value === null) result.delete(name)
    else result.set(name, isObject(value) ? applyPatch(isObject(before) ? before : {}, value) : value)
  }
  return Object.fromEntries(result)
}

/** Each setting that differs, as `postgresql.parameters.work_mem: 4MB -> 8MB`. */
export function describeChanges(
  before: Json | undefined,
  after: Json | undefined,
  at = '',
): readonly string[] {
  if (isObject(before) || isObject(after)) {
    const [old, now] = [isObject(before) ? before : {}, isObject(after) ? after : {}]
    const names = [...new Set([...Object.keys(old), ...Object.keys(now)])]
    return names.flatMap((name) => describeChanges(old[name], now[name], at === '' ? name : `${at}.${name}`))
  }
  const [old, now] = [print(before), print(after)]
  return old === now ? [] : [`${at}: ${old} -> ${now}`]
}

function print(value: Json | undefined): string {
  return value === undefined ? '(none)' : typeof value === 'string' ? value : JSON.stringify(value)
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
