import { expect, test } from 'vitest'
import { notReadyToRestore } from '../../../../agent/backup/member/not-ready.ts'
import { fileOf, policyOf } from '../policy/policy-facts.ts'

test('a restore by an agent that has not found its server since its start is refused with what can be done instead', () => {
  const failure = notReadyToRestore(policyOf(fileOf()), 'cannot connect to PostgreSQL: ECONNREFUSED')
  expect(failure.message).toContain('ECONNREFUSED')
  expect(failure.message).toContain('agentctl backup restore pg-main --into <directory> --node')
  expect(failure.message).toContain('--stanza=pg-main --pg1-path=<a new directory>')
})

test('pgbackrest is not named where the engine is pg_basebackup', () => {
  const policy = policyOf(fileOf('engine: pg_basebackup'))
  expect(notReadyToRestore(policy, undefined).message).not.toContain('pgbackrest')
})
