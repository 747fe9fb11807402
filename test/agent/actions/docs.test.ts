import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { describeAction } from '../../../agent/actions/describe-action.ts'
import { kinds } from '../../../agent/actions/kinds.ts'
import { reports } from '../../../agent/actions/reports.ts'
import { reportsOfPooler } from '../../../agent/actions/reports-of-pooler.ts'

/** The rows of the table below a heading, without the last column where `columns` leaves it out. */
function tableBelow(heading: string, columns: number): readonly (readonly string[])[] {
  const [, section = ''] = readFileSync('docs/10-actions.md', 'utf8').split(`## ${heading}\n`)
  return (section.split('\n## ')[0] ?? '')
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) =>
      line
        .split('|')
        .slice(1, columns + 1)
        .map((cell) => cell.replaceAll('`', '').trim()),
    )
}

test('the manual has every action as it is', () => {
  expect(tableBelow('The actions', 4)).toEqual(
    kinds.map((action) => [
      action.kind,
      action.risk,
      action.target,
      Object.keys(describeAction(action).args['properties'] ?? {}).join(', '),
    ]),
  )
})

test('the manual has every report as it is', () => {
  expect(tableBelow('Reports', 2)).toEqual(reports.map(({ name, what }) => [name, what]))
})

test('the manual has every report of a pooler as it is', () => {
  expect(tableBelow('Reports of a pooler', 2)).toEqual(reportsOfPooler.map(({ name, what }) => [name, what]))
})
