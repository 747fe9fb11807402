import { expect, test } from 'vitest'
import { controlFigures } from '../../collector/control.ts'
import { emptyHead, nextEntry } from '../../common/audit/hash-entry.ts'
import { startControl, temporaryDirectory } from './commands/start-control.ts'
import type { TestControl } from './commands/start-control.ts'

const first = (why: string) =>
  nextEntry(emptyHead, 1_000, {
    event: 'started',
    who: 'alice',
    what: '{}',
    where: 'pg-main-1',
    why,
    command: null,
    outcome: null,
    digest: null,
  })

const finding = { kind: 'removed', seq: 3, text: 'entry 3 is missing' } as const

function findings({ control, fleet }: TestControl, own: readonly (typeof finding)[] = []) {
  return controlFigures(control, fleet, { findings: own })
    .find(({ name }) => name === 'pgherd_audit_findings')
    ?.read()
}

test('whether an audit is broken is a figure: 0 for that of the collector, nothing for a copy that is whole', async () => {
  const started = await startControl()
  const agent = started.connect('pg-main-1')
  agent.say({ type: 'audit', entries: [first('original')] })
  await agent.until('audit-stored', 2)
  expect(findings(started)).toEqual({ collector: 0 })
  expect(findings(started, [finding])).toEqual({ collector: 1 })
})

test('that the audit of an agent broke is a figure also after a restart', async () => {
  const directory = temporaryDirectory()
  const before = await startControl(directory)
  const agent = before.connect('pg-main-1')
  agent.say({ type: 'audit', entries: [first('original')] })
  agent.say({ type: 'audit', entries: [first('anew')] })
  await agent.until('audit-stored', 3)
  expect(findings(before)).toEqual({ collector: 0, 'pg-main-1': 1 })
  await before[Symbol.asyncDispose]()
  expect(findings(await startControl(directory))).toEqual({ collector: 0, 'pg-main-1': 1 })
})
