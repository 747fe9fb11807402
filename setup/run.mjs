// Runs PROGRAM on the Node that this repository brings along, after installing what it needs:
//   node setup/run.mjs PROGRAM [ARGUMENTS]
// This file and its siblings ending in .mjs run on whatever Node (20 or newer) the machine has.
import { buildAgent } from './build-agent.mjs'
import { buildWebPage } from './build-web-page.mjs'
import { installPackages } from './install-packages.mjs'
import { refuse, repository } from './repository.mjs'
import { checkOwnNode, runOnOwnNode } from './own-node.mjs'

const [program, ...args] = process.argv.slice(2)
if (program === undefined) refuse('usage: node setup/run.mjs PROGRAM [ARGUMENTS]')

const major = Number.parseInt(process.versions.node, 10)
if (major < 20) refuse(`needs Node 20 or newer to start with; this is ${process.version}`)
if (process.platform !== 'linux' || !['x64', 'arm64'].includes(process.arch)) {
  refuse(`runs on Linux (x64 or arm64); this is ${process.platform} ${process.arch}`)
}

process.chdir(repository)
await installPackages()
checkOwnNode()
await buildWebPage()
await buildAgent()
await runOnOwnNode(program, args)
