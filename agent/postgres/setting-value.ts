/** How a setting is measured: pg_settings.vartype and unit. */
export interface SettingType {
  readonly vartype: string
  readonly unit: string | null
}

const bytes: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1024,
  MB: 1024 ** 2,
  GB: 1024 ** 3,
  TB: 1024 ** 4,
}
const milliseconds: Readonly<Record<string, number>> = {
  us: 0.001,
  ms: 1,
  s: 1000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}
const on = new Set(['on', 'true', 'tru', 'tr', 't', 'yes', 'ye', 'y', '1'])

/**
 * The value that a text of a configuration file stands for, in the setting's own unit and spelling as pg_settings.setting shows it
 * ("Setting Parameters" in the manual): `16MB` of a setting in 8kB is 2048. A text that is none is given back.
 */
export function settingValue(text: string, { vartype, unit }: SettingType): string {
  if (vartype === 'bool') return on.has(text.toLowerCase()) ? 'on' : 'off'
  if (vartype === 'enum') return text.toLowerCase()
  if (vartype !== 'integer' && vartype !== 'real') return text
  const match = /^\s*([-+]?(?:0[xX][0-9a-fA-F]+|\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+))\s*([a-zA-Z]*)\s*$/.exec(
    text,
  )
  if (match === null) return text
  const given = match[2] ?? ''
  const value = Number(match[1]) * (given === '' ? 1 : scale(given, unit))
  if (Number.isNaN(value)) return text
  return String(vartype === 'integer' ? Math.round(value) : value)
}

/** How many of the setting's units one of the given is; NaN when they do not measure the same. */
function scale(given: string, unit: string | null): number {
  const [, count, base] = /^(\d*)(\w+)$/.exec(unit ?? '') ?? []
  for (const units of [bytes, milliseconds]) {
    const [from, to] = [units[given], units[base ?? '']]
    if (from !== undefined && to !== undefined) return from / (to * Number(count === '' ? 1 : count))
  }
  return Number.NaN
}

/** Whether two texts stand for the same value. */
export function isSameSetting(a: string, b: string, type: SettingType): boolean {
  const [first, second] = [settingValue(a, type), settingValue(b, type)]
  return first === second || (type.vartype === 'real' && Number(first) === Number(second))
}
