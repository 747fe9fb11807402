import { fileURLToPath } from 'node:url'

/** The top folder of this checkout, with a slash at its end. */
export const repository = fileURLToPath(new URL('..', import.meta.url))

/**
 * Ends the process with one sentence for the person in front of it.
 * @param {string} sentence
 * @returns {never}
 */
export function refuse(sentence) {
  console.error(`pgherd: ${sentence}`)
  process.exit(1)
}
