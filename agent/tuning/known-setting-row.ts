import { z } from 'zod'
import type { KnownSetting } from './recommend/known-server.ts'

const columns = [
  'setting',
  'vartype',
  'unit',
  'context',
  'min_val',
  'max_val',
  'array_to_json(enumvals)',
] as const
/** Of pg_settings, the first of a row that `knownSettingOf` reads. */
export const knownColumns = columns.join(', ')
export const knownColumnCount = columns.length

const enumNames = z.array(z.string())

/** @param row - that begins with `knownColumns` */
export function knownSettingOf(row: readonly (string | null)[]): KnownSetting {
  const [value, vartype, unit, context, min, max, enums] = row
  return {
    value: value ?? '',
    vartype: vartype ?? 'string',
    unit: unit ?? null,
    context: context ?? '',
    min: min ?? null,
    max: max ?? null,
    enumValues: enums == null ? null : enumNames.parse(JSON.parse(enums)),
  }
}
