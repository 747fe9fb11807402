import type { RuleTestReport } from './rule-files.ts'

/** What a person reads of a file of unit tests: one line where all is well, else what was expected and what came. */
export function reportLines({ file, checks, failures, problems }: RuleTestReport): readonly string[] {
  if (problems.length > 0) return problems
  if (failures.length === 0) return [`${file}: ${checks} checks passed`]
  return [
    `${file}: ${failures.length} FAILED of ${checks} checks`,
    ...failures.flatMap(({ where, expected, actual }) => [
      `  ${where}`,
      ...linesOf('expected', expected),
      ...linesOf('found', actual),
    ]),
  ]
}

function linesOf(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0
    ? [`    ${title}: nothing`]
    : [`    ${title}:`, ...lines.map((line) => `      ${line}`)]
}
