import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { repository } from '../repository.mjs'
import { contents } from './contents.ts'
import type { PackageName } from './contents.ts'

/**
 * The commands of a package: scripts that start its programs on its own Node, with the variables and flags with which the
 * programs start themselves (the first lines of their files).
 * @returns the text of each by its name
 */
export function commandsOf(name: PackageName): ReadonlyMap<string, string> {
  return new Map(
    contents[name].programs.flatMap(({ file, command }) =>
      command === undefined ? [] : [[command.name, textOf(name, file, command.like)] as const],
    ),
  )
}

function textOf(name: PackageName, file: string, like: string): string {
  const [first = ''] = readFileSync(join(repository, like), 'utf8').split('\n')
  const [, line = ''] = /^#!\/usr\/bin\/env (?:-S )?(.*)$/.exec(first) ?? []
  const words = line.split(' ')
  const node = words.indexOf('node')
  if (node < 0) throw new Error(`${like}: its first line starts no node`)
  const folder = `/usr/lib/pgherd/${name}`
  const flags = words.slice(node + 1)
  return [
    '#!/bin/sh',
    ...(node === 0 ? [] : [`export ${words.slice(0, node).join(' ')}`]),
    `exec ${[`${folder}/bin/node`, ...flags, `${folder}/${file}`].join(' ')} "$@"`,
    '',
  ].join('\n')
}
