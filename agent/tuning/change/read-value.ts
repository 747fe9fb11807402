import { messageOf } from '../../../common/errors.ts'
import { settingValue } from '../../postgres/setting-value.ts'
import { isQuotedList, listElements, listText } from '../list-value.ts'
import { printValue } from '../recommend/print-value.ts'
import type { KnownSetting } from './known-setting.ts'

/** A value in pg_settings' unit and spelling, or why it is none, in a sentence. */
export type ReadValue = { readonly value: string } | { readonly refusal: string }

const refuse = (refusal: string): ReadValue => ({ refusal })

/**
 * Reads a value as a person writes it, as the server would: `16MB`, `on`, `'a, b'`. What ALTER SYSTEM would take or refuse at once is
 * judged here by what pg_settings says of the setting ("Setting Parameters" in the manual).
 */
export function readValue(setting: KnownSetting, text: string): ReadValue {
  const { name, vartype } = setting
  if (/[\0\n\r]/.test(text)) return refuse(`${name}: a value has one line`)
  if (vartype === 'bool') return readBoolean(name, text.trim())
  if (vartype === 'enum') return readEnum(setting, text.trim())
  if (vartype === 'integer' || vartype === 'real') return readNumber(setting, text)
  if (!isQuotedList(name)) return { value: text }
  try {
    return { value: listText(listElements(name, text)) }
  } catch (error) {
    return refuse(messageOf(error))
  }
}

/** parse_bool_with_len in PostgreSQL's bool.c: any beginning of these words that is no beginning of another one. */
function booleanOf(text: string): boolean | undefined {
  const word = text.toLowerCase()
  if (word === '') return undefined
  const isIn = (...words: readonly string[]): boolean => words.some((one) => one.startsWith(word))
  if (word === 'o') return undefined
  if (word === '1' || isIn('true', 'yes') || word === 'on') return true
  if (word === '0' || isIn('false', 'no') || (word.length > 1 && isIn('off'))) return false
  return undefined
}

function readBoolean(name: string, text: string): ReadValue {
  const found = booleanOf(text)
  return found === undefined
    ? refuse(`${name}: ${text === '' ? 'nothing' : text} is neither on nor off`)
    : { value: found ? 'on' : 'off' }
}

function readEnum({ name, enumValues }: KnownSetting, text: string): ReadValue {
  const word = text.toLowerCase()
  const allowed = enumValues ?? []
  if (allowed.includes(word)) return { value: word }
  // Those with on and off take the other words for them too, and do not tell.
  const asBoolean = ['true', 'false', 'yes', 'no', '1', '0'].includes(word) ? booleanOf(word) : undefined
  const named = asBoolean === undefined ? undefined : asBoolean ? 'on' : 'off'
  if (named !== undefined && allowed.includes(named)) return { value: named }
  return refuse(
    `${name}: ${text === '' ? 'nothing' : text} is none of its values; allowed: ${allowed.join(', ')}`,
  )
}

const numberShape = /^\s*[-+]?(?:0[xX][0-9a-fA-F]+|\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+)\s*([a-zA-Z]*)\s*$/

function readNumber(setting: KnownSetting, text: string): ReadValue {
  const { name, unit, min, max } = setting
  const shape = numberShape.exec(text)
  if (shape === null) return refuse(`${name}: ${text === '' ? 'nothing' : text} is no number${inUnit(unit)}`)
  const value = settingValue(text, setting)
  if (value === text && shape[1] !== '') {
    return refuse(
      unit === null
        ? `${name}: ${text.trim()} has a unit; it is a number without one`
        : `${name}: ${text.trim()} is not in one of its units${inUnit(unit)}`,
    )
  }
  const number = Number(value)
  if (Number.isNaN(number)) return refuse(`${name}: ${text} is no number${inUnit(unit)}`)
  if (number < Number(min ?? -Infinity) || number > Number(max ?? Infinity)) {
    const print = (bound: string | null): string =>
      bound === null ? 'any' : printValue({ value: bound, unit })
    return refuse(
      `${name}: ${text.trim()} is out of range; allowed: ${print(min)} to ${print(max)}${unit === null ? '' : ` (${min ?? ''} to ${max ?? ''} in ${unit})`}`,
    )
  }
  return { value }
}

function inUnit(unit: string | null): string {
  if (unit === null) return ', such as 2'
  const units = /B$/.test(unit) ? 'B, kB, MB, GB, TB' : 'us, ms, s, min, h, d'
  return ` (in ${unit}; units: ${units})`
}
