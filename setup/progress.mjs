/**
 * Shows that something is going on: on a terminal one line that counts seconds, elsewhere a line now and one
 * at the end. A result with `ok: false` is a failure.
 * @template T
 * @param {string} what such as "installing packages"
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withProgress(what, work) {
  const start = performance.now()
  const seconds = () => Math.round((performance.now() - start) / 1000)
  const live = process.stdout.isTTY
  const show = () => process.stdout.write(`\r${what}: ${seconds()} s `)
  if (live) show()
  else console.log(`${what} ...`)
  const ticker = live ? setInterval(show, 1000) : undefined
  try {
    const result = await work()
    const ending = result?.ok === false ? 'failed after' : 'done in'
    process.stdout.write(`${live ? '\r' : ''}${what}: ${ending} ${seconds()} s\n`)
    return result
  } catch (error) {
    process.stdout.write(`${live ? '\r' : ''}${what}: failed after ${seconds()} s\n`)
    throw error
  } finally {
    clearInterval(ticker)
  }
}
