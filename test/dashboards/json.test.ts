import { readFileSync, readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { boardFiles } from '../../dashboards/write-boards.ts'

const directory = new URL('../../dashboards/json/', import.meta.url)
const files = await boardFiles()

describe('the files of dashboards/json', () => {
  test('are those of the boards and no others', () => {
    expect(readdirSync(directory).sort()).toEqual([...files.keys()].sort())
  })

  test.each([...files])('%s is what npm run dashboards:build writes', (name, text) => {
    expect(readFileSync(new URL(name, directory), 'utf8')).toBe(text)
  })
})
