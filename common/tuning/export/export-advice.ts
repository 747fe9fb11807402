import type { Advice } from '../advice.ts'
import { budgetHolds } from '../memory-budget.ts'
import { printAbout } from '../print-size.ts'
import { settingsFormats } from './export-settings.ts'
import { kernelLines } from './kernel-lines.ts'
import { poolerLines } from './pooler-lines.ts'

/** What is advised for whoever keeps settings elsewhere: the server's in four ways, the pooler's and the kernel's as their own files have them. */
export const exportFormats = [
  'conf',
  'alter-system',
  'patroni',
  'ansible',
  'pgbouncer',
  'sysctl',
  'json',
] as const
export type ExportFormat = (typeof exportFormats)[number]

export function exportAdvice(advice: Advice, format: ExportFormat): readonly string[] {
  const { proposals, pooler, kernel } = advice
  switch (format) {
    case 'pgbouncer':
      return poolerLines(pooler)
    case 'sysctl':
      return kernelLines(kernel)
    case 'json':
      return [JSON.stringify(advice, null, 2)]
    default:
      return settingsFormats[format](proposals, commentsOf(advice))
  }
}

function commentsOf({ server, major, profile, budget, notes }: Advice): readonly string[] {
  const [total] = budget.limits
  const memory =
    total === undefined
      ? []
      : [
          `memory in the worst case: ${printAbout(total.bytes)} of ${printAbout(budget.memoryBytes)}, ${budgetHolds(budget) ? 'which it holds' : 'which it does not hold'}`,
        ]
  return [
    `pgherd's advice for ${server}: PostgreSQL ${major}, profile ${profile}`,
    ...memory,
    ...notes.map((note) => `note: ${note}`),
  ]
}
