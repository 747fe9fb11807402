import { expect, test } from 'vitest'
import { displayWidth } from '../../../agentctl/display-width.ts'
import { showPlan } from '../../../agentctl/tune/plan-sheet.ts'
import type { NodePlan } from '../../../agentctl/tune/plan-of-node.ts'
import { adviceWith, memberCalled, planned, planWith, proposed } from './made-up.ts'

const guard = { guard: '30m', bound: 0.2, baseline: 20_000 }
const where = '/var/lib/postgresql/17/main/postgresql.auto.conf:3'
const plan = planWith(
  [
    { ...planned('work_mem', '4MB', '16MB'), where },
    { ...planned('shared_buffers', '128MB', '4GB'), needs: 'restart' },
    { ...planned('max_wal_size', '8GB', '8GB'), state: 'as-wanted' },
  ],
  { notes: ['tried beside the running server, which would start with this (4.3GB of shared memory)'] },
)
const nodePlan: NodePlan = {
  node: memberCalled('pg-main-1', 'primary'),
  advice: adviceWith([proposed('work_mem')]),
  chosen: {
    settings: new Map(),
    reasons: new Map([['work_mem', '120 statements wrote 14GB of temporary files in 26 h']]),
    left: [],
  },
  plan,
}

function shown(width: number, more: Partial<NodePlan> = {}, watched = guard): readonly string[] {
  const lines: string[] = []
  showPlan({ width, print: (line) => lines.push(line) }, { ...nodePlan, ...more }, watched)
  return lines
}

test('a plan has each setting with what it is, where that is set, and what it takes', () => {
  expect(shown(160).slice(0, 6)).toEqual([
    'pg-main-1: PostgreSQL 17, profile oltp, 26.5 h of history',
    '',
    'SETTING         NOW    WANTED  BY       SET IN',
    `work_mem        4MB    16MB    reload   ${where}`,
    'shared_buffers  128MB  4GB     restart',
    'max_wal_size    8GB    8GB     is so',
  ])
})

test.each([40, 60, 80])('it fits a terminal of %i columns, and every setting is named in full', (width) => {
  const lines = shown(width)
  expect(lines.filter((line) => displayWidth(line) > width)).toEqual([])
  for (const name of ['work_mem', 'shared_buffers', 'max_wal_size']) {
    expect(lines.some((line) => line.startsWith(name))).toBe(true)
  }
})

test('where the path does not fit, the file is named with its line', () => {
  expect(shown(80).join('\n')).toMatch(/work_mem .* postgresql\.auto\.conf:3/)
})

test('it counts what a reload and what a restart brings, and tells the guard', () => {
  const text = shown(Infinity).join('\n')
  expect(text).toContain('2 settings change: 1 by a reload, 1 from a restart on')
  expect(text).toContain(
    'watched for 30m, and taken back by itself where the server does worse by more than 20 %',
  )
  expect(text).toContain('work_mem: 120 statements wrote 14GB')
  expect(text).toContain('tried beside the running server')
})

test('without a guard it says so loudly', () => {
  expect(shown(Infinity, {}, { ...guard, guard: '0' }).join('\n')).toContain('NO GUARD')
})

test('what speaks against it comes last', () => {
  const refused = { ...plan, refusals: ['the server would not start again with this'] }
  expect(shown(Infinity, { plan: refused }).at(-1)).toBe(
    '  REFUSED: the server would not start again with this',
  )
})

test('where nothing changes it says so, and nothing of a guard', () => {
  const lines = shown(80, { plan: planWith([]) }).join('\n')
  expect(lines).toContain('nothing would be changed')
  expect(lines).not.toContain('watched')
})

test('text of a server cannot move the cursor', () => {
  const bad = planWith([planned('work_mem', '\u001b[31m', '16MB')], { notes: ['\u001b[2J'] })
  expect(shown(80, { plan: bad }).join('\n')).not.toContain('\u001b')
})
