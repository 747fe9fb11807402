import { installDebianPackages } from './debian-packages.ts'
import { installPostgresMajors } from './postgres-majors.ts'

/**
 * Brings what the suites need besides npm's packages: the distribution's programs and the other PostgreSQL majors.
 * @param servers whether PostgreSQL is wanted at all: unit tests start none
 * @returns a line for everything that could not be brought
 */
export async function bringPrograms({ servers }: { servers: boolean }): Promise<readonly string[]> {
  const missing: string[] = []
  for (const major of servers ? await installPostgresMajors() : [])
    missing.push(`PostgreSQL ${major} could not be installed`)
  for (const one of await installDebianPackages()) {
    missing.push(
      `${one.program} is not installed, so ${one.neededBy} cannot run (apt-get install ${one.package})`,
    )
  }
  return missing
}
