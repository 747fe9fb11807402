import { expect, test } from 'vitest'
import { jsonLines } from '../../../collector/http/export-lines.ts'
import { labelSet } from '../../../common/series/label-set.ts'
import { setStale } from '../../../common/series/stale.ts'

test('a stale marker, a NaN and infinities are told apart in JSON lines', async () => {
  const values = Float64Array.of(1.5, 0, NaN, Infinity, -Infinity)
  setStale(values, 1)
  const series = { labels: labelSet({ __name__: 'm' }), timestamps: Float64Array.of(1, 2, 3, 4, 5), values }
  const pieces = (async function* () {
    yield await Promise.resolve(series)
  })()
  let text = ''
  for await (const part of jsonLines(pieces, 10)) text += part
  expect(text).toBe(
    '{"metric":{"__name__":"m"},"values":[1.5,null,"NaN","Infinity","-Infinity"],"timestamps":[1,2,3,4,5]}\n',
  )
})
