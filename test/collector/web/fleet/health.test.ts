import { expect, test } from 'vitest'
import { silenceOf } from '../../../../collector/web/fleet/health.ts'
import { fakeNode } from '../fake-collector.ts'

test('what is silent says why', () => {
  const silent = { lastSampleMs: null }
  expect(silenceOf([])).toContain('No agent has reported')
  expect(silenceOf([fakeNode('a-1', 'primary'), fakeNode('a-2', 'standby', silent)])).toBeNull()
  expect(silenceOf([fakeNode('a-1', 'primary', silent)])).toContain('see its log')
  expect(silenceOf([fakeNode('a-1', 'primary', { ...silent, connected: false })])).toContain(
    'no agent is connected',
  )
})
