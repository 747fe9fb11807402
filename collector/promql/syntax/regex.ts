import { RE2JS } from 're2js'
import { messageOf } from '../../../common/errors.ts'

/** A regular expression as PromQL means it: RE2, anchored on both ends, the dot matches newlines too. */
export function compileAnchored(pattern: string): RE2JS {
  return RE2JS.compile(`^(?s:${pattern})$`)
}

/** Why a pattern does not compile, or undefined when it does. */
export function regexProblem(pattern: string): string | undefined {
  try {
    // First alone: an unbalanced pattern such as `a)(b` must not pair with the anchoring group.
    RE2JS.compile(pattern)
    return undefined
  } catch (error) {
    return messageOf(error)
  }
}

/** A regular expression that is looked for anywhere in a text. */
export function compilePattern(pattern: string): RE2JS {
  return RE2JS.compile(`(?s:${pattern})`)
}
