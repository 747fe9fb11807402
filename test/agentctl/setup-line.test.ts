import { expect, test } from 'vitest'
import { setupLine } from '../../agentctl/setup-line.ts'

const offered = { node: 'pg-main-1', token: 'pgherd-join-1.a.b.c' }

test('has the collector as agentctl reaches it, quoted so that a shell hands the token on', () => {
  expect(setupLine({ ...offered, collector: 'https://collector.example:8432/' })).toBe(
    `sudo pgherd-agent setup pg-main-1 --join 'https://collector.example:8432#pgherd-join-1.a.b.c'`,
  )
})

test('leaves the address to be filled in where agentctl has one that agents cannot join by', () => {
  expect(setupLine({ ...offered, collector: 'http://127.0.0.1:8432' })).toContain(
    `'https://<collector>:8432#`,
  )
})
