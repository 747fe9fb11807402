import { z } from 'zod'

/** Files that are checked or tested without being in force; a name is a path as it is seen from where the person is. */
export const givenFiles = z
  .array(z.object({ name: z.string().min(1).max(1_000), text: z.string() }))
  .min(1)
  .max(500)
export type GivenFiles = z.infer<typeof givenFiles>

/** POST /api/v1/rules/check */
export const checkRules = z.object({ files: givenFiles })

/** POST /api/v1/rules/test: `tests` are those of `files` that are unit tests, the others are what these name. */
export const testRules = z.object({ files: givenFiles, tests: z.array(z.string()).min(1).max(100) })

/** What is in rule files, and each of their problems as `file:line: path: what is wrong`. */
export const ruleCheck = z.object({
  files: z.number(),
  groups: z.number(),
  rules: z.number(),
  problems: z.array(z.string()),
})
export type RuleCheck = z.infer<typeof ruleCheck>

/** One file of unit tests. */
export const ruleTestReport = z.object({
  file: z.string(),
  /** Comparisons that were made; a file that makes none proves nothing. */
  checks: z.number(),
  failures: z.array(
    z.object({
      /** The test, and the moment. */
      where: z.string(),
      /** Of an alert or an expression: one line for each alert or sample. */
      expected: z.array(z.string()),
      actual: z.array(z.string()),
    }),
  ),
  /** Why nothing could be tested. */
  problems: z.array(z.string()),
})
export type RuleTestReport = z.infer<typeof ruleTestReport>

export const ruleCheckAnswer = z.object({ status: z.literal('success'), data: ruleCheck })
export const ruleTestsAnswer = z.object({ status: z.literal('success'), data: z.array(ruleTestReport) })
