import { expect, test } from 'vitest'
import { showOutput } from '../../../agentctl/steer/show-output.ts'
import type { ActionOutput } from '../../../common/command/result.ts'

const sessions: ActionOutput = {
  type: 'table',
  title: 'Sessions',
  columns: ['pid', 'application', 'wait'].map((name) => ({ name, align: 'left' })),
  rows: [
    ['1', 'a shop with a long name', 'ClientRead'],
    ['2', 'reports', null],
  ],
  truncated: false,
}

function shown(output: ActionOutput, width: number): readonly string[] {
  const lines: string[] = []
  showOutput({ width, print: (line) => lines.push(line) }, [output])
  return lines
}

test('a table that fits is shown as one', () => {
  expect(shown(sessions, 40).at(1)).toMatch(/^PID +APPLICATION +WAIT$/)
})

test('a table that cannot be made to fit is shown row by row, without empty cells', () => {
  expect(shown(sessions, 20)).toEqual([
    'Sessions',
    'PID          1',
    'APPLICATION  a shop…',
    'WAIT         Client…',
    '',
    'PID          2',
    'APPLICATION  reports',
  ])
})
