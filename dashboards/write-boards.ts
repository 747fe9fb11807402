import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import prettier from 'prettier'
import { boards } from './boards.ts'
import { dashboardOf } from './grafana/dashboard.ts'
import { withoutDefaults } from './grafana/without-defaults.ts'

const directory = fileURLToPath(new URL('json', import.meta.url))

/** The files of dashboards/json by their names, as they should be. */
export async function boardFiles(): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>()
  const options = await prettier.resolveConfig(join(directory, 'fleet.json'))
  for (const board of boards) {
    const text = JSON.stringify(dashboardOf(board), withoutDefaults, 2)
    files.set(`${board.name}.json`, await prettier.format(text, { ...options, parser: 'json' }))
  }
  return files
}

/** Writes them, and removes those that are no longer made. */
export async function writeBoards(): Promise<void> {
  const files = await boardFiles()
  mkdirSync(directory, { recursive: true })
  for (const name of readdirSync(directory)) if (!files.has(name)) rmSync(join(directory, name))
  for (const [name, text] of files) writeFileSync(join(directory, name), text)
}
