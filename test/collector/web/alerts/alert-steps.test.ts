import { describe, expect, test } from 'vitest'
import { adviceOf } from '../../../../collector/web/alerts/alert-steps.ts'

describe('what to do about an alert', () => {
  test('is read from its description', () => {
    const advice = adviceOf(
      'The server has stopped. First, on 10.0.0.1: 1. `pg_lsclusters || systemctl status patroni` 2. `agentctl show activity -n a-1` tells what runs; 3. ask.',
    )
    expect(advice).toEqual({
      meaning: 'The server has stopped.',
      where: 'on 10.0.0.1',
      steps: [
        {
          text: 'pg_lsclusters || systemctl status patroni',
          commands: ['pg_lsclusters || systemctl status patroni'],
        },
        {
          text: 'agentctl show activity -n a-1 tells what runs',
          commands: ['agentctl show activity -n a-1'],
        },
        { text: 'ask.', commands: [] },
      ],
    })
  })

  test('may take two commands in one step', () => {
    const { steps } = adviceOf('X. First: 1. `agentctl ha show a` or `agentctl clusters a`')
    expect(steps[0]?.commands).toEqual(['agentctl ha show a', 'agentctl clusters a'])
  })

  test('counts numbers in their order only', () => {
    const { steps } = adviceOf('X. First: 1. see version 3. of it; 2. then 4. of May')
    expect(steps.map(({ text }) => text)).toEqual(['see version 3. of it', 'then 4. of May'])
  })

  test('is nothing where a description gives none', () => {
    expect(adviceOf('First things first.')).toEqual({ meaning: 'First things first.', where: '', steps: [] })
  })
})
