import { canonicalJson } from '../../../common/command/canonical-json.ts'
import type { Constraint } from './schema.ts'

/** Longer texts are not held against a pattern. */
const maxMatched = 1_024
/** What a refusal tells of a list, and of each element. */
const shownMisfits = 3
const shownLength = 100

/**
 * Why arguments are not what a rule allows, or undefined when they are.
 * @param args as the action reads them, with its defaults filled in: what is left out is judged by what it means
 */
export function argumentProblem(
  args: Readonly<Record<string, unknown>>,
  constraints: Readonly<Record<string, Constraint>>,
): string | undefined {
  for (const [name, value] of Object.entries(args)) {
    if (value === undefined) continue
    const constraint = Object.hasOwn(constraints, name) ? constraints[name] : undefined
    if (constraint === undefined) return `the argument ${name} is not among those of the rule`
    if (!fits(value, constraint)) {
      return `the argument ${name} is not what the rule allows${misfitsOf(value, constraint)}`
    }
  }
  for (const [name, constraint] of Object.entries(constraints)) {
    const given = Object.hasOwn(args, name) && args[name] !== undefined
    if (!given && !mayBeMissing(constraint))
      return `the argument ${name} is missing, and the rule asks for it`
  }
  return undefined
}

/** Which elements of a list are refused, so that nobody has to find out which of several settings it was. */
function misfitsOf(value: unknown, constraint: Constraint): string {
  if (!Array.isArray(value) || value.length === 0) return ''
  const refused = value.filter((element) => !fits(element, constraint))
  const shown = refused.slice(0, shownMisfits).map((element) => shortened(canonicalJson(element)))
  const more = refused.length > shown.length ? ` and ${refused.length - shown.length} more` : ''
  return `: ${shown.join(', ')}${more}`
}

const shortened = (text: string): string =>
  text.length > shownLength ? `${text.slice(0, shownLength)}...` : text

function mayBeMissing(constraint: Constraint): boolean {
  if (typeof constraint !== 'object' || constraint === null || Array.isArray(constraint)) return false
  return 'any' in constraint || constraint.optional
}

function fits(value: unknown, constraint: Constraint): boolean {
  // A list that is empty says something else than what its elements would.
  if (Array.isArray(value)) return value.length > 0 && value.every((element) => fits(element, constraint))
  if (typeof constraint !== 'object' || constraint === null) return isSame(value, constraint)
  if (Array.isArray(constraint)) return constraint.some((one) => isSame(value, one))
  if ('any' in constraint) return true
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') return false
  const text = String(value)
  return text.length <= maxMatched && new RegExp(`^(?:${constraint.pattern})$`, 'u').test(text)
}

function isSame(value: unknown, allowed: unknown): boolean {
  return canonicalJson(value) === canonicalJson(allowed)
}
