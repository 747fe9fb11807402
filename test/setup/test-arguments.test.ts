import { describe, expect, test } from 'vitest'
import { parseTestArguments } from '../../setup/test-arguments.ts'

describe('the arguments of npm test', () => {
  test('without any all projects run', () => {
    expect(parseTestArguments([])).toEqual({ projects: ['unit', 'pg', 'system'], rest: [] })
  })

  test('--project selects in either spelling, and the order of running stays', () => {
    expect(parseTestArguments(['--project', 'system', '--project=unit'])).toEqual({
      projects: ['unit', 'system'],
      rest: [],
    })
  })

  test('everything else goes to Vitest as it is', () => {
    const rest = ['test/common', '-t', 'a name=with equals', '--bail=1']
    expect(parseTestArguments(['--project', 'pg', ...rest])).toEqual({ projects: ['pg'], rest })
  })

  test.each([
    [['--project', 'e2e'], 'e2e'],
    [['--project'], 'nothing'],
  ])('%j is refused', (argv, was) => {
    expect(() => parseTestArguments(argv)).toThrow(`--project: was ${was}; allowed: unit, pg, system`)
  })
})
