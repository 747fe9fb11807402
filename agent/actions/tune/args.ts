import { z } from 'zod'
import { parseDuration } from '../../../common/config/kinds.ts'
import { settingValue } from '../../postgres/setting-value.ts'

const assignment = z
  .string()
  .max(2_000)
  .regex(/^[A-Za-z_][A-Za-z0-9_.$]{0,62}=/, 'name=value, such as work_mem=16MB')

/** At most so many settings in one change. */
const mostSettings = 100

export const settingsArg = z
  .array(assignment)
  .min(1)
  .max(mostSettings)
  .superRefine(namesOnce)
  .describe('what to set, name=value each, such as work_mem=16MB')

export const expectedArg = z
  .array(assignment)
  .max(mostSettings)
  .superRefine(namesOnce)
  .optional()
  .describe('name=value as it was seen: where a setting has another value by now, nothing is changed')

/** Longer than a day nobody remembers what is being tried. */
const longestGuardMs = 7 * 86_400_000

export const guardArg = z
  .string()
  .refine((text) => guardMs(text) !== undefined, 'a duration of at most 7d, such as 15m, or 0 for no guard')
  .default('30m')
  .describe('how long it is watched, and taken back by itself when the server does worse; 0 for no guard')

export const boundArg = z
  .number()
  .min(0.01)
  .max(100)
  .default(0.2)
  .describe('how much worse it may do within the guard: 0.2 is 20 %')

export const baselineArg = z
  .int()
  .min(1)
  .max(600)
  .default(20)
  .describe('how many seconds are looked at before anything is changed, to compare with')

export const standbysArg = z
  .boolean()
  .default(false)
  .describe('of a primary: its standbys have what they may not have less of than it')

export const machineArgs = {
  memory: z
    .string()
    .refine((text) => bytesOf(text) !== undefined, 'a size, such as 64GB')
    .optional()
    .describe("what the server may use, such as 64GB; the machine's or the cgroup's unless told"),
  cpus: z.int().min(1).max(4096).optional().describe('processors; those that are found unless told'),
  disk: z
    .enum(['hdd', 'ssd', 'nvme', 'san'])
    .optional()
    .describe('what the data lies on; what is measured unless told'),
}

/** Seconds of a guard. @param text - that `guardArg` has taken */
export function guardSeconds(text: string): number {
  return Math.round((guardMs(text) ?? 0) / 1000)
}

/** @param assignments - that `settingsArg` or `expectedArg` has taken; names are in lower case */
export function settingsOf(assignments: readonly string[]): ReadonlyMap<string, string> {
  return new Map(assignments.map(parts))
}

/** Bytes of a size as PostgreSQL writes it, of which 1GB is 1024MB; undefined for what is none. */
export function bytesOf(text: string): number | undefined {
  if (!/^\d+(\.\d+)?\s*([kMGT]B|B)$/.test(text)) return undefined
  return Number(settingValue(text, { vartype: 'integer', unit: 'B' }))
}

function guardMs(text: string): number | undefined {
  if (text === '0') return 0
  const ms = parseDuration(text)
  return ms !== undefined && ms >= 1000 && ms <= longestGuardMs ? ms : undefined
}

function parts(word: string): readonly [string, string] {
  const at = word.indexOf('=')
  return [word.slice(0, at).toLowerCase(), word.slice(at + 1)]
}

function namesOnce(words: readonly string[], context: z.RefinementCtx): void {
  const seen = new Set<string>()
  for (const [index, word] of words.entries()) {
    const [name] = parts(word)
    if (seen.has(name)) {
      context.addIssue({ code: 'custom', path: [index], message: `${name} once` })
    }
    seen.add(name)
  }
}
