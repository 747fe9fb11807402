// Loaded into a program before its own code: has a call of node:fs/promises wait, so that the program can be killed just there.
import { readFileSync, writeFileSync } from 'node:fs'
import promises from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const directory = process.env['PGHERD_TESTBED_HOLD']

function wanted() {
  try {
    return readFileSync(join(directory, 'at'), 'utf8')
  } catch {
    return undefined
  }
}

for (const name of ['rename', 'rm']) {
  const original = promises[name]
  promises[name] = async (...args) => {
    const at = wanted()
    const call = [name, ...args.filter((one) => typeof one === 'string')].join(' ')
    if (at !== undefined && new RegExp(at).test(call)) {
      writeFileSync(join(directory, 'reached'), '')
      while (wanted() === at) await sleep(20)
    }
    return original(...args)
  }
}
syncBuiltinESMExports()
