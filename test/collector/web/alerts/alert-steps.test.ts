import { describe, expect, test } from 'vitest'
import { adviceOf } from '../../../../collector/web/alerts/alert-steps.ts'

describe('what to do about an alert', () => {
  test('is read from its description', () => {
    const advice = adviceOf(
      'The server has stopped. First, on 10.0.0.1: 1. pg_lsclusters || systemctl status patroni 2. journalctl -u patroni | tail -n 50',
    )
    expect(advice).toEqual({
      meaning: 'The server has stopped.',
      where: 'on 10.0.0.1',
      steps: [
        {
          text: 'pg_lsclusters || systemctl status patroni',
          commands: ['pg_lsclusters || systemctl status patroni'],
        },
        { text: 'journalctl -u patroni | tail -n 50', commands: ['journalctl -u patroni | tail -n 50'] },
      ],
    })
  })

  test.each([
    ['agentctl backup list pg-main tells since when', ['agentctl backup list pg-main']],
    [
      'agentctl show activity -n a-1 and agentctl show queries -n a-1 tell what runs',
      ['agentctl show activity -n a-1', 'agentctl show queries -n a-1'],
    ],
    ['on 10.0.0.1: top.', ['top']],
    ['look with `psql -c "table x"`, or ask', ['psql -c "table x"']],
    ["the server's log has what archive_command said", []],
  ])('of the step "%s" these are commands: %j', (step, commands) => {
    expect(adviceOf(`It is so. First: 1. ${step}`).steps[0]?.commands).toEqual(commands)
  })

  test('counts numbers in their order only', () => {
    const { steps } = adviceOf('X. First: 1. see version 3. of it; 2. then 4. of May')
    expect(steps.map(({ text }) => text)).toEqual(['see version 3. of it', 'then 4. of May'])
  })

  test('is nothing where a description gives none', () => {
    expect(adviceOf('First things first.')).toEqual({ meaning: 'First things first.', where: '', steps: [] })
  })
})
