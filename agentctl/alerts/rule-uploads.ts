import { glob, readFile } from 'node:fs/promises'
import { dirname, isAbsolute, join, normalize } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import type { GivenFiles } from '../../common/alerts/rule-files.ts'
import { PgherdError, messageOf, systemCodeOf } from '../../common/errors.ts'

const named = z.looseObject({ rule_files: z.array(z.string()).default([]) })

/** @throws PgherdError NOT_FOUND for a path that leads to nothing, or cannot be read */
export async function readRuleFiles(paths: readonly string[]): Promise<GivenFiles> {
  const files = await Promise.all(paths.map(find))
  for (const [i, found] of files.entries()) {
    if (found.length === 0) throw new PgherdError('NOT_FOUND', `there is no ${paths[i]!}`)
  }
  return files.flat()
}

/**
 * Unit tests with the rule files that they name.
 * @throws PgherdError NOT_FOUND
 */
export async function readTestFiles(
  paths: readonly string[],
): Promise<{ readonly files: GivenFiles; readonly tests: readonly string[] }> {
  const tests = await readRuleFiles(paths)
  const files = new Map(tests.map((file) => [file.name, file]))
  for (const test of tests) {
    for (const path of ruleFilesOf(test.text)) {
      const beside = isAbsolute(path) ? path : normalize(join(dirname(test.name), path))
      // What is missing is told by whoever runs the test.
      for (const file of await find(beside)) files.set(file.name, file)
    }
  }
  return { files: [...files.values()], tests: tests.map(({ name }) => name) }
}

function ruleFilesOf(text: string): readonly string[] {
  try {
    const parsed = named.safeParse(parse(text))
    return parsed.success ? parsed.data.rule_files : []
  } catch {
    return []
  }
}

async function find(path: string): Promise<GivenFiles> {
  const files: GivenFiles = []
  for await (const found of glob(path)) {
    const name = normalize(found)
    files.push({ name, text: await read(name) })
  }
  return files.sort((a, b) => (a.name < b.name ? -1 : 1))
}

async function read(name: string): Promise<string> {
  try {
    return await readFile(name, 'utf8')
  } catch (error) {
    throw new PgherdError('NOT_FOUND', `${name} cannot be read: ${systemCodeOf(error) ?? messageOf(error)}`)
  }
}
