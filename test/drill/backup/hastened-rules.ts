import { readFileSync } from 'node:fs'
import { parse, stringify } from 'yaml'
import { z } from 'zod'

const rules = z.object({
  groups: z.array(
    z.looseObject({
      interval: z.string(),
      rules: z.array(z.looseObject({ expr: z.string(), for: z.string().optional() })),
    }),
  ),
})
const seconds = { s: 1, m: 60, h: 3600, d: 86_400 } as const

/**
 * The rules of a file for a world in which all goes so many times faster: their intervals, what they wait for and how far they look back
 * and ahead are as much shorter, and nothing else is changed.
 */
export function hastenedRules(file: URL, factor: number): string {
  const hasten = (duration: string): string =>
    duration.replaceAll(/(\d+)([smhd])/g, (_, count: string, unit: keyof typeof seconds) => {
      return `${Math.ceil((Number(count) * seconds[unit]) / factor)}s`
    })
  const hastenExpression = (text: string): string =>
    text
      .replaceAll(/\[[^\]]+\]/g, hasten)
      .replaceAll(/\* (3600|86400)\b/g, (_, unit: string) => `* ${Number(unit) / factor}`)
  const { groups } = rules.parse(parse(readFileSync(file, 'utf8')))
  return stringify({
    groups: groups.map((group) => ({
      ...group,
      interval: hasten(group.interval),
      rules: group.rules.map((rule) => ({
        ...rule,
        expr: hastenExpression(rule.expr),
        ...(rule.for === undefined ? {} : { for: hasten(rule.for) }),
      })),
    })),
  })
}
