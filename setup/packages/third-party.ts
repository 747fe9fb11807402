import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

const manifest = z.object({ name: z.string(), version: z.string(), license: z.string().optional() })

/**
 * What the packages of npm that are in a program ask to be told with it: their licenses.
 * @param modules files of node_modules
 */
export function thirdPartyLicenses(modules: readonly string[]): string {
  const folders = new Set<string>()
  for (const file of modules) {
    const [, folder] = /^\0?(.*\/node_modules\/(?:@[^/]+\/)?[^/?]+)/.exec(file) ?? []
    if (folder !== undefined) folders.add(folder)
  }
  const sections = [...folders].map((folder) => {
    const { name, version, license } = manifest.parse(
      JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')),
    )
    const texts = readdirSync(folder)
      .filter((file) => /^(licen[cs]e|notice)(\.|$)/i.test(file))
      .map((file) => readFileSync(join(folder, file), 'utf8').trim())
    return [`## ${name} ${version} (${license ?? 'see its text'})`, ...texts].join('\n\n')
  })
  return ['# Packages that are part of the programs', ...sections.sort()].join('\n\n') + '\n'
}
