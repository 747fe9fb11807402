import { chmodSync, chownSync, existsSync, mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { PgherdError, messageOf } from '../../common/errors.ts'
import { writeFileDurably } from '../../common/write-file-durably.ts'
import type { LocalUser } from './host/acting-as.ts'
import { lineDiff } from './line-diff.ts'
import type { PlannedPassword, SetupPlan } from './plan.ts'
import type { Step } from './step.ts'

/** Keeps the password of the role. @param password as it is to be */
export function passwordStep(
  { place, mustWrite }: PlannedPassword,
  password: string,
  agentUser: LocalUser,
): Step | undefined {
  if (!mustWrite) return undefined
  const { file, isCredential } = place
  return {
    title: `Keep the password of the role in ${file}`,
    shows: [
      isCredential
        ? 'root alone reads it (0600), and systemd hands it to the agent while that runs'
        : `root and the group of ${agentUser.user} read it (0640)`,
    ],
    changes: true,
    async run() {
      makeOpenDirectory(dirname(file), isCredential ? 0o700 : 0o755)
      await (isCredential
        ? writeFileDurably(file, `${password}\n`, 0o600, { uid: 0, gid: 0 })
        : writeFileDurably(file, `${password}\n`, 0o640, { uid: 0, gid: agentUser.gid }))
      return [`${file} has it`]
    },
  }
}

/** Where the agent keeps what it has. */
export function stateStep({ stateDirectory }: SetupPlan, { uid, gid, user }: LocalUser): Step | undefined {
  if (existsSync(stateDirectory) && statSync(stateDirectory).uid === uid) return undefined
  return {
    title: `Make ${stateDirectory}`,
    shows: [`${user}'s own (0750): measurements wait there until the collector has them`],
    changes: true,
    run() {
      makeOpenDirectory(dirname(stateDirectory), 0o755)
      makeOpenDirectory(stateDirectory, 0o750)
      chmodSync(stateDirectory, 0o750)
      chownSync(stateDirectory, uid, gid)
      return Promise.resolve([`${stateDirectory} is there`])
    },
  }
}

/** Writes the configuration; one that is there is shown as what would change, and is kept beside. */
export function configStep({ config }: SetupPlan, { gid, user }: LocalUser): Step | undefined {
  const { path, text, before } = config
  if (before === text) return undefined
  return {
    title: before === undefined ? `Write ${path}` : `Replace ${path}, which says something else`,
    shows: before === undefined ? text.trimEnd().split('\n') : lineDiff(before, text),
    changes: true,
    async run() {
      makeOpenDirectory(dirname(path), 0o755)
      const owner = { uid: 0, gid }
      if (before !== undefined) await writeFileDurably(`${path}.before`, before, 0o640, owner)
      await writeFileDurably(path, text, 0o640, owner)
      return [
        `${path} is written (0640, root and the group of ${user})${before === undefined ? '' : `; what it said is in ${path}.before`}`,
      ]
    },
  }
}

/** @throws PgherdError DIRECTORY_UNUSABLE */
function makeOpenDirectory(directory: string, mode: number): void {
  if (existsSync(directory)) return
  makeOpenDirectory(dirname(directory), 0o755)
  try {
    mkdirSync(directory)
    chmodSync(directory, mode)
  } catch (error) {
    throw new PgherdError('DIRECTORY_UNUSABLE', `cannot create ${directory}: ${messageOf(error)}`)
  }
}
