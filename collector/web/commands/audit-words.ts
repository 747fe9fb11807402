import type { AuditEntry } from '../../../common/audit/entry.ts'

/** What an entry is about, as a person reads it: `vacuum table=a`; text that is no JSON stays as it is. */
export function whatText({ what }: Pick<AuditEntry, 'what'>): string {
  let value: unknown
  try {
    value = JSON.parse(what)
  } catch {
    return what
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return what
  return Object.entries(value)
    .filter(([, one]) => one !== null && !isEmpty(one))
    .map(([name, one]) => (name === 'kind' ? String(one) : `${name}=${valueText(one)}`))
    .join(' ')
}

const isEmpty = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.keys(value).length === 0

const valueText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))
