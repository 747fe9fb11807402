import { expect, test } from 'vitest'
import { selectorText } from '../../../../collector/store/victoriametrics/selector-text.ts'
import type { Matcher } from '../../../../common/series/matcher.ts'

const matcher = (name: string, operator: Matcher['operator'], value: string): Matcher => ({
  name,
  operator,
  value,
})

test.each([
  [[matcher('__name__', '=', 'up'), matcher('ins', '!~', 'pg-.*')], '{__name__="up",ins!~"pg-.*"}'],
  [[matcher('a', '=', 'x"\\\n')], '{a="x\\"\\\\\\n"}'],
  [[matcher('service.name', '=~', 'é')], '{service\\.name=~"é"}'],
  [[], '{__name__!=""}'],
  [[matcher('a', '!=', 'b')], '{a!="b",__name__!=""}'],
  [[matcher('a', '=', '')], '{a="",__name__!=""}'],
] as const)('%j is %s', (matchers, text) => {
  expect(selectorText(matchers)).toBe(text)
})
