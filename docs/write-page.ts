import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

/**
 * Writes a page that is made from the source, or with --check tells whether it is as it should be.
 * @param script of package.json, for the message
 * @throws Error when it is not
 */
export function writePage(file: URL, script: string, text: string): void {
  const { values } = parseArgs({ options: { check: { type: 'boolean' } } })
  if (values.check !== true) {
    writeFileSync(file, text)
    return
  }
  if (readFileSync(file, 'utf8') === text) return
  throw new Error(`${fileURLToPath(file)} is not what the source gives; run: npm run ${script}`)
}
