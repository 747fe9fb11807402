import { anchorOf } from '../../common/audit/anchor.ts'
import type { AuditEntry } from '../../common/audit/entry.ts'
import { argumentWords } from '../steer/command-words.ts'

/** What an entry is about, for a person: commands as `agentctl run` has them, anchors in words. */
export function entryText(entry: AuditEntry): string {
  const anchor = anchorOf(entry)
  if (anchor !== undefined) return `the audit of ${anchor.chain} had ${anchor.seq} entries`
  const said = readObject(entry.what)
  const kind = said?.['kind']
  if (said === undefined || typeof kind !== 'string') return entry.what
  const args = said['args']
  const words = isObject(args) ? argumentWords(args) : []
  const operator = said['operator']
  return [
    kind,
    ...(said['mode'] === 'plan' ? ['(plan)'] : []),
    ...words,
    ...(typeof operator === 'string' && operator !== entry.who ? [`as ${operator}`] : []),
  ].join(' ')
}

function readObject(text: string): Readonly<Record<string, unknown>> | undefined {
  if (!text.startsWith('{')) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
