import type { Variable } from '../model/variable.ts'
import { regExpOf } from '../fields/matcher.ts'
import type { Choice } from './choose.ts'

/** What a query variable asks for. */
export type VariableQuery =
  | { readonly kind: 'labelValues'; readonly label: string; readonly selector: string | null }
  | { readonly kind: 'labelNames' }
  | { readonly kind: 'metrics'; readonly pattern: string }
  | { readonly kind: 'result'; readonly expr: string }

/** Reads the functions of Grafana's Prometheus variables; null for what is none of them. */
export function parseVariableQuery(query: string): VariableQuery | null {
  const call = /^\s*(\w+)\(([\s\S]*)\)\s*$/.exec(query)
  if (call === null) return null
  const [, name, body = ''] = call
  switch (name) {
    case 'label_values': {
      const parts = /^(?:([\s\S]+),)?\s*(\w+)\s*$/.exec(body)
      return parts === null
        ? null
        : { kind: 'labelValues', label: parts[2]!, selector: parts[1]?.trim() ?? null }
    }
    case 'label_names':
      return { kind: 'labelNames' }
    case 'metrics':
      return { kind: 'metrics', pattern: body.trim() }
    case 'query_result':
      return { kind: 'result', expr: body }
    default:
      return null
  }
}

/** The choices that stand in the board itself: of custom and interval variables. */
export function writtenChoices({ type, query, options }: Variable): readonly Choice[] {
  if (type !== 'custom' && type !== 'interval') return []
  const texts = splitList(query)
  const written = texts.map((text): Choice => {
    const pair = /^(.+?)\s:\s(.+)$/.exec(text)
    return pair === null ? { text, value: text } : { text: pair[1]!.trim(), value: pair[2]!.trim() }
  })
  if (written.length > 0) return written
  return options
    .map(({ text, value }) => ({ text: String(text), value: String(value) }))
    .filter(({ value }) => value !== '$__all')
}

/** Comma-separated, a comma after a backslash being part of a value. */
function splitList(text: string): readonly string[] {
  return text
    .split(/(?<!\\),/)
    .map((part) => part.trim().replace(/\\,/g, ','))
    .filter((part) => part !== '')
}

const natural = new Intl.Collator('en', { numeric: true })
const caseless = new Intl.Collator('en', { sensitivity: 'base' })

/** Picks and orders found values as the variable says: its pattern with the groups `value` and `text`, and its sort. */
export function pickChoices(found: readonly string[], { regex, sort }: Variable): readonly Choice[] {
  const pattern = regex === null || regex === undefined || regex === '' ? null : regExpOf(regex)
  const choices = new Map<string, Choice>()
  for (const one of found) {
    const choice = pattern === null ? { text: one, value: one } : captured(one, pattern)
    if (choice !== null && choice.value !== '') choices.set(choice.value, choice)
  }
  const picked = [...choices.values()]
  const byNumber = (a: Choice, b: Choice): number => firstNumber(a.text) - firstNumber(b.text)
  switch (sort) {
    case 1:
      return picked.sort((a, b) => (a.text < b.text ? -1 : 1))
    case 2:
      return picked.sort((a, b) => (a.text < b.text ? 1 : -1))
    case 3:
      return picked.sort(byNumber)
    case 4:
      return picked.sort((a, b) => byNumber(b, a))
    case 5:
      return picked.sort((a, b) => caseless.compare(a.text, b.text))
    case 6:
      return picked.sort((a, b) => caseless.compare(b.text, a.text))
    case 8:
      return picked.sort((a, b) => natural.compare(b.text, a.text))
    default:
      return picked.sort((a, b) => natural.compare(a.text, b.text))
  }
}

function firstNumber(text: string): number {
  return Number(/-?\d+(?:\.\d+)?/.exec(text)?.[0] ?? Number.NaN)
}

function captured(text: string, pattern: RegExp): Choice | null {
  const match = pattern.exec(text)
  if (match === null) return null
  const value = match.groups?.['value'] ?? match.groups?.['text'] ?? match[1] ?? match[0]
  return { text: match.groups?.['text'] ?? value, value }
}
