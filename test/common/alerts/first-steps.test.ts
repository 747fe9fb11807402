import { expect, test } from 'vitest'
import { describedAlert } from '../../../common/alerts/first-steps.ts'

test('what it means, where to go and what to do first are told apart', () => {
  const text =
    'The server has stopped since 2. of May. First, on 10.0.0.1: 1. pg_lsclusters || true 2. `journalctl -n 50`; 3. call 4. the end'
  expect(describedAlert(text)).toEqual({
    meaning: 'The server has stopped since 2. of May.',
    where: 'on 10.0.0.1',
    steps: ['pg_lsclusters || true', '`journalctl -n 50`', 'call', 'the end'],
  })
  expect(describedAlert('It is slow. First: 1. look; 2. wait.')).toMatchObject({
    where: '',
    steps: ['look', 'wait.'],
  })
})

test('a description that is written otherwise is all meaning', () => {
  for (const text of ['', 'First: look around', 'It is down. 1. look 2. wait']) {
    expect(describedAlert(text)).toEqual({ meaning: text, where: '', steps: [] })
  }
})
