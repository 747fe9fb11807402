/**
 * As Promise.all, but it waits for all before it throws: what a later one opens after another has failed would be
 * disposed by nobody.
 */
export async function allSettled<T>(promises: readonly Promise<T>[]): Promise<readonly T[]> {
  const results = await Promise.allSettled(promises)
  return results.map((result) => {
    if (result.status === 'rejected') throw result.reason
    return result.value
  })
}
