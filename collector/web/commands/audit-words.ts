import { z } from 'zod'
import type { AuditEntry } from '../../../common/audit/entry.ts'

/** What an entry about a command says of it; collector and agents leave out what they do not know. */
const command = z.object({
  kind: z.string(),
  mode: z.string().optional(),
  operator: z.string().optional(),
  args: z.record(z.string(), z.unknown()).default({}),
})

/** What an entry is about, as a person reads it: `vacuum table=a, signed by anna`; other texts stay as they are. */
export function whatText({ what }: Pick<AuditEntry, 'what'>): string {
  const parsed = command.safeParse(jsonOf(what))
  if (!parsed.success) return what
  const { kind, mode, operator, args } = parsed.data
  const words = [
    kind,
    ...(mode === 'plan' ? ['(plan only)'] : []),
    ...Object.entries(args).map(([name, value]) => `${name}=${valueText(value)}`),
  ].join(' ')
  return operator === undefined ? words : `${words}, signed by ${operator}`
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

const valueText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))
