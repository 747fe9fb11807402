import type { LabelSet } from '../../common/series/label-set.ts'
import { encodeLabels } from './encode-answer.ts'
import { limitList } from './limit-answer.ts'

const itemsPerChunk = 512

/** A list of strings or label sets as an API answer, in pieces; at most `limit` of it, then with a warning. */
export function* encodeList(
  list: readonly string[] | readonly LabelSet[],
  limit: number,
): Generator<string, void, undefined> {
  const { data, warnings } = limitList<string | LabelSet>(list, limit)
  const notes = warnings.length === 0 ? '' : `"warnings":${JSON.stringify(warnings)},`
  let text = `{"status":"success",${notes}"data":[`
  for (const [i, item] of data.entries()) {
    text += `${i === 0 ? '' : ','}${typeof item === 'string' ? JSON.stringify(item) : encodeLabels(item)}`
    if (i % itemsPerChunk === itemsPerChunk - 1) {
      yield text
      text = ''
    }
  }
  yield `${text}]}`
}
