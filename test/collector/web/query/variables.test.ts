import { describe, expect, test } from 'vitest'
import { exactPattern, expand, legendOf, scopeVariables } from '../../../../collector/web/query/variables.ts'

describe('the variables of a scope', () => {
  test('a small fleet is drawn by node', () => {
    expect(scopeVariables({ cluster: null, node: null }, 8)).toEqual({ cls: '.+', ins: '.+', by: 'ins' })
  })

  test('a big fleet is drawn by cluster, its clusters by node', () => {
    expect(scopeVariables({ cluster: null, node: null }, 9)['by']).toBe('cls')
    expect(scopeVariables({ cluster: 'pg-main', node: null }, 900)['by']).toBe('ins')
  })

  test('a selected node is matched exactly', () => {
    expect(scopeVariables({ cluster: 'pg-main', node: 'pg-main-2' }, 2)).toMatchObject({
      cls: 'pg-main',
      ins: 'pg-main-2',
    })
  })
})

describe('a name in a pattern', () => {
  test('has no power as a regular expression, nor to leave its string', () => {
    expect(exactPattern('a.b')).toBe(String.raw`a\\.b`)
    expect(exactPattern('"} or up{')).toBe(String.raw`\"\\} or up\\{`)
    expect(exactPattern('a\nb')).toBe(String.raw`a\nb`)
  })

  test('survives expansion even when it looks like a variable', () => {
    expect(expand('up{ins=~"$ins"}', { ins: exactPattern('$&') })).toBe(String.raw`up{ins=~"\\$&"}`)
  })
})

describe('expressions', () => {
  test('both spellings of a variable are replaced', () => {
    expect(expand('rate(x{cls=~"$cls"}[${__rate_interval}])', { cls: 'a', __rate_interval: '40s' })).toBe(
      'rate(x{cls=~"a"}[40s])',
    )
  })

  test('an unknown variable is named', () => {
    expect(() => expand('up{x="$nope"}', {})).toThrow('$nope')
  })
})

test('a legend drops labels that are absent, with their spaces', () => {
  expect(legendOf('{{ins}} {{ mode }} now', { mode: 'idle' })).toBe('idle now')
})
