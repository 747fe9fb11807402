import { PgherdError } from '../errors.ts'
import type { HttpAnswer } from '../http-client.ts'
import { splitRemoteWrite } from '../wire/remote-write-split.ts'
import { snappyLength } from '../wire/snappy-join.ts'
import { verdictOf } from './verdict.ts'

export type Post = (body: Uint8Array) => Promise<HttpAnswer>

/**
 * One body that is too large, in halves of its series. The answer decides about all of it: what was taken before
 * a half that has to wait is sent again with it. Of a receiver that finds everything too large not every series is
 * asked about: what is no smaller than a single one that was refused would be refused as well.
 * @param refused the answer to the whole body, a 413
 * @throws what `post` throws
 */
export async function postInHalves(body: Uint8Array, refused: HttpAnswer, post: Post): Promise<HttpAnswer> {
  /** The smallest series that was refused by itself. */
  let hopeless: Uint8Array | undefined

  const postHalves = async (whole: Uint8Array): Promise<HttpAnswer> => {
    const halves = splittable(whole)
    if (halves === undefined) {
      if (hopeless === undefined || isNoSmaller(hopeless, whole)) hopeless = whole
      return refused
    }
    let worst: HttpAnswer | undefined
    for (const half of halves) {
      let answer = hopeless !== undefined && isNoSmaller(half, hopeless) ? refused : await post(half)
      if (answer.status === 413) answer = await postHalves(half)
      const verdict = verdictOf(answer.status)
      if (verdict === 'retry' || verdict === 'hold') return answer
      if (verdict === 'drop' || worst === undefined) worst = answer
    }
    return worst ?? refused
  }
  return postHalves(body)
}

/** Whether by either measure a receiver may have, compressed or not. */
function isNoSmaller(body: Uint8Array, than: Uint8Array): boolean {
  return body.length >= than.length && snappyLength(body).length >= snappyLength(than).length
}

/** The halves of a body; undefined when it cannot be split. */
function splittable(body: Uint8Array): readonly Uint8Array[] | undefined {
  try {
    return splitRemoteWrite(body)
  } catch (error) {
    if (error instanceof PgherdError) return undefined
    throw error
  }
}
